import { setTimeout as delay } from "node:timers/promises";
import { ensureDaemon, type RunRecord } from "@ml-intern/lab";
import { type KeepRunOptions, keepRun } from "./keep-run.ts";
import { lookAtRun, type StallOptions } from "./look-at-run.ts";
import { nameOfRun } from "./name-of-run.ts";
import { openRuns, type RunNews, type StartedRun } from "./started-run.ts";

export interface NextRunEventOptions extends KeepRunOptions, StallOptions {
  /** Whether to wait for news while there are open runs; else what is new by now is told. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 500;

/**
 * Tells the model what is new about the runs that go on by themselves: an end, an alert, a stall. Each piece of news is
 * told once, and a run that has ended is recorded first. Words of the person end the waiting, too. False when there is
 * nothing for the model to hear, with `wait` because no run is open. A daemon that died is started again, so that no run is
 * "running" for ever. Aborting leaves the runs alone.
 */
export async function nextRunEvent(options: NextRunEventOptions): Promise<boolean> {
  const { session, workbench, wait, signal } = options;
  for (let shown = false; ; shown = true) {
    signal.throwIfAborted();
    const open = openRuns(session.state);
    let told = false;
    for (const run of open) told = (await tellNews(run, options)) || told;
    if (told || session.state.unheard.length > 0) return true;
    if (!wait || open.length === 0) return false;
    if (!shown) session.show(waitingFor(open));
    await ensureDaemon(workbench.home, signal);
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function tellNews(run: StartedRun, options: NextRunEventOptions): Promise<boolean> {
  const { session } = options;
  const { job, news, stalledSinceMs } = await lookAtRun(run, options);
  const title = `${run.run} (${run.name}, seed ${run.seed})`;
  const tell = async (what: RunNews, text: string): Promise<true> => {
    await session.append({ type: "run_news", run: run.run, news: what, text: `[ml-intern] ${text}` });
    return true;
  };
  if (job === null) {
    options.budget.settleTime(nameOfRun(run.run), 0);
    return tell({ kind: "ended" }, `${title} was never begun. Start it again if you need it.`);
  }
  if (job.state === "ended") {
    await keepRun(job.record, options);
    return tell({ kind: "ended" }, `${title} ${describeEnd(job.record)} check_run shows its log.`);
  }
  if (news.length > 0) {
    const lines = news.map(({ level, text }) => `- ${level}: ${text}`).join("\n");
    const told = run.alerts_told + news.length;
    return tell({ kind: "alerts", told }, `The script of ${title} says, while it runs:\n${lines}`);
  }
  if (stalledSinceMs !== null) {
    const minutes = Math.round((Date.now() - stalledSinceMs) / 60_000);
    return tell(
      { kind: "stalled", since_ms: stalledSinceMs },
      `${title} has neither written nor used its processor for ${minutes} minutes. Look at it with check_run; stop_run ends it.`,
    );
  }
  return false;
}

/** How a run ended, in a sentence or two. Numbers in it are claims. */
export function describeEnd({ ended, exit_code, duration_s, claimed, has_model }: RunRecord): string {
  const after = `after ${Math.round(duration_s)} s`;
  const how = {
    exited: exit_code === 0 ? `has ended well ${after}.` : `failed with exit code ${exit_code} ${after}.`,
    timeout: `was ended by its time limit ${after}.`,
    cancelled: `was stopped ${after}.`,
    memory: `was ended ${after}: it used more memory than it may.`,
    disk: `was ended ${after}: it wrote more than it may.`,
    killed: `was killed ${after}.`,
    lost: `was lost ${after}: the process that owned it died. Its log and files so far are kept.`,
    not_started: "could not be started.",
  }[ended];
  const claims = Object.keys(claimed).length === 0 ? "" : ` It claims ${JSON.stringify(claimed)}.`;
  return `${how}${claims}${has_model ? " It left a model." : " It left no model."}`;
}

function waitingFor(open: readonly StartedRun[]) {
  const names = open.map(({ run, name }) => `${run} (${name})`).join(", ");
  return { type: "progress", text: `waiting for ${names}`, elapsed_ms: 0, remaining_ms: null } as const;
}
