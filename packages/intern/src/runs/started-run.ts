/** What is kept of runs that go on by themselves. What came of one is `recorded`, as of every run. */
export type RunEvent =
  | {
      readonly type: "run_started";
      readonly run: string;
      /** The call that started it: the same call, made again after a crash, finds its runs instead of starting others. */
      readonly call_id: string;
      readonly name: string;
      readonly script: string;
      readonly seed: number;
    }
  /** `text` is said to the model; null where the result of a tool says it. */
  | {
      readonly type: "run_news";
      readonly run: string;
      readonly news: RunNews;
      readonly text: string | null;
    };

export type RunNews =
  | { readonly kind: "ended" }
  /** How many alerts of the run have been told by now. */
  | { readonly kind: "alerts"; readonly told: number }
  /** No output and no use of the processor since then (milliseconds since 1970). */
  | { readonly kind: "stalled"; readonly since_ms: number };

/** A run that goes on by itself, and what the model knows of it. */
export interface StartedRun {
  readonly run: string;
  readonly call_id: string;
  readonly name: string;
  readonly script: string;
  readonly seed: number;
  readonly alerts_told: number;
  readonly stall_told_ms: number | null;
  /** False until the model was told that it has ended. */
  readonly end_told: boolean;
}

export function applyRunEvent(runs: readonly StartedRun[], event: RunEvent): readonly StartedRun[] {
  if (event.type === "run_started") {
    const { run, call_id, name, script, seed } = event;
    return [
      ...runs,
      { run, call_id, name, script, seed, alerts_told: 0, stall_told_ms: null, end_told: false },
    ];
  }
  return runs.map((run) => (run.run === event.run ? { ...run, ...told(event.news) } : run));
}

function told(news: RunNews): Partial<StartedRun> {
  switch (news.kind) {
    case "ended":
      return { end_told: true };
    case "alerts":
      return { alerts_told: news.told };
    case "stalled":
      return { stall_told_ms: news.since_ms };
    default:
      return news satisfies never;
  }
}

/** Runs of whose end the model does not know. */
export function openRuns(state: { readonly startedRuns: readonly StartedRun[] }): readonly StartedRun[] {
  return state.startedRuns.filter((run) => !run.end_told);
}
