import { type Contract, type EnvironmentName, reserveRun, submitJob } from "@ml-intern/lab";
import type { ToolContext } from "../tools/define-tool.ts";

export interface SubmitRunOptions {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly seed: number;
  readonly refit: boolean;
  readonly environment: EnvironmentName;
  /** Wall time in seconds. */
  readonly timeout: number | undefined;
  readonly contract: Contract;
  /** Which of the call's runs it is. */
  readonly index: number;
}

export interface SubmittedRun {
  readonly run: string;
  readonly seed: number;
  readonly state: "queued" | "running" | "ended";
}

/**
 * Starts a run that goes on by itself. It is on record before it begins; the same call, made again after a crash, finds it
 * instead of starting another.
 */
export async function submitRun(options: SubmitRunOptions, context: ToolContext): Promise<SubmittedRun> {
  const { name, args, seed, refit, timeout, contract, index } = options;
  const { workbench, session, callId, signal } = context;
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
  try {
    const { id, python, readOnlyPaths } = environment;
    const { state } = await submitJob({
      home,
      request: {
        labDirectory,
        workspace: sandbox.hostWorkspace,
        mode,
        environment: { id, python, readOnlyPaths },
        run: { id: run, name, script, args, seed, refit },
        wallMs: (timeout ?? contract.budget.run_seconds) * 1000,
        submittedMs: Date.now(),
      },
      signal,
    });
    return { run, seed, state };
  } catch (error) {
    // It will not begin, and the answer of the call says so; after an abort it is found again.
    if (!signal.aborted) await session.append({ type: "run_news", run, news: { kind: "ended" }, text: null });
    throw error;
  }
}
