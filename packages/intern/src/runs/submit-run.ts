import { type EnvironmentName, reserveRun, submitJob } from "@ml-intern/lab";
import { describeShortened } from "../budget/within-time.ts";
import type { ToolContext } from "../tools/define-tool.ts";
import { nameOfRun } from "./name-of-run.ts";

export interface SubmitRunOptions {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly seed: number;
  readonly refit: boolean;
  readonly environment: EnvironmentName;
  /** The most wall time. */
  readonly seconds: number;
  /** Which of the call's runs it is. */
  readonly index: number;
  /** How many runs of the call are to come, this one included: they share what the budget has left. */
  readonly among: number;
}

export interface SubmittedRun {
  readonly run: string;
  readonly seed: number;
  readonly state: "queued" | "running" | "ended";
  /** Said where the budget has less time left than was asked for. */
  readonly shortened?: string;
}

/**
 * Starts a run that goes on by itself. It is on record before it begins; the same call, made again after a crash, finds it
 * instead of starting another.
 */
export async function submitRun(options: SubmitRunOptions, context: ToolContext): Promise<SubmittedRun> {
  const { name, args, seed, refit, seconds, index, among } = options;
  const { workbench, session, budget, callId, signal } = context;
  const environment = await workbench.environment(options.environment, signal);
  const sandbox = await workbench.sandbox(options.environment, signal);
  const { home, labDirectory, sandboxMode: mode } = workbench;
  const known = session.state.startedRuns.filter((run) => run.call_id === callId)[index];
  const { run, script } = known ?? (await reserve());
  async function reserve(): Promise<{ readonly run: string; readonly script: string }> {
    const { id: run, script } = await reserveRun({ labDirectory, sandbox, script: options.script, signal });
    await session.append({ type: "run_started", run, call_id: callId, name, script, seed });
    return { run, script };
  }
  const expense = nameOfRun(run);
  try {
    const granted = budget.reserveTime({ id: expense, seconds, among });
    await budget.kept();
    const { id, python, readOnlyPaths } = environment;
    const { state } = await submitJob({
      home,
      request: {
        labDirectory,
        workspace: sandbox.hostWorkspace,
        mode,
        environment: { id, python, readOnlyPaths },
        run: { id: run, name, script, args, seed, refit },
        wallMs: granted * 1000,
        submittedMs: Date.now(),
      },
      signal,
    });
    const submitted = { run, seed, state };
    return granted < seconds ? { ...submitted, shortened: describeShortened(granted) } : submitted;
  } catch (error) {
    // It will not begin, and the answer of the call says so; after an abort it is found again.
    if (!signal.aborted) {
      await session.append({ type: "run_news", run, news: { kind: "ended" }, text: null });
      budget.settleTime(expense, 0);
    }
    throw error;
  }
}
