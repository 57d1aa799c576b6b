import type { ToolUseBlock } from "@ml-intern/messages";
import type { Answer, Answers } from "./converse.ts";

export interface LabScript {
  /** Verified validation score by family. */
  readonly scores: Readonly<Record<string, number>>;
  /** Families whose difference from a better one cannot be told. */
  readonly indistinguishable?: readonly string[];
  /** What the runs of a family say about themselves. */
  readonly claims?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly lowerIsBetter?: boolean;
  readonly contract?: Readonly<Record<string, unknown>>;
  readonly report?: Readonly<Record<string, unknown>>;
  /** Answers instead of the lab's own, for the calls that it returns something for. */
  readonly override?: (call: ToolUseBlock, nth: number) => Answer | null;
}

export const SUGGESTION: Readonly<Record<string, unknown>> = {
  task_type: "classification",
  input_kind: "tabular",
  target: "species",
  metric: "accuracy",
  exclude: [{ column: "id", reason: "It names the row." }],
  split: { kind: "stratified" },
};

export const REPORT: Readonly<Record<string, unknown>> = {
  path: "iris.csv",
  kind: "table",
  format: "csv",
  rows: 150,
  columns: ["id", "length", "width", "species"].map((name) => ({
    name,
    kind: "number",
    type: "DOUBLE",
    missing: 0,
  })),
  columns_omitted: 0,
  omitted_kinds: {},
  duplicates: { rows: 1 },
  target: {
    name: "species",
    kind: "category",
    missing: 0,
    classes: [
      { value: "a", count: 50 },
      { value: "b", count: 100 },
    ],
  },
  alarms: [{ kind: "identifier", severity: "warn", columns: ["id"], message: "id names the row" }],
  suggestion: SUGGESTION,
  samples: [],
};

interface WholeContract {
  readonly [field: string]: unknown;
  readonly data: {
    readonly name: string;
    readonly sha256: string;
    readonly rows: number;
    readonly kind: string;
  };
}

export const CONTRACT: WholeContract = {
  version: 1,
  task: "classify",
  data: { name: "iris.csv", sha256: "0", rows: 150, kind: "table" },
  task_type: "classification",
  input_kind: "tabular",
  target: "species",
  classes: ["a", "b"],
  positive_class: null,
  features: [
    { name: "length", kind: "number" },
    { name: "width", kind: "number" },
  ],
  text_column: null,
  excluded: [{ column: "id", reason: "It names the row." }],
  metric: "accuracy",
  direction: "maximize",
  split: { kind: "stratified", column: null, seed: 0, train: 90, validation: 30, test: 30, dropped: 0 },
  queries: { validation: 30, test: 1 },
  budget: { usd: null, iterations: 300, run_seconds: 600 },
  stop: { target_value: null, rule: "" },
  notes: [],
};

interface LabRun {
  readonly id: string;
  readonly family: string;
  readonly seed: number;
}

/** Tools that answer as the lab does, from a script: only the numbers are made up. */
export function scriptedLab(script: LabScript): Answers {
  const runs: LabRun[] = [];
  const scored = new Map<string, number>();
  let seq = 3;
  const calls = new Map<string, number>();

  function scoreOf({ family, seed }: LabRun): number {
    return (script.scores[family] ?? 0.5) + seed * 0.001;
  }

  function startRun({ input }: ToolUseBlock): string {
    const args = input.args as string[];
    const family = args[args.indexOf("--family") + 1] ?? "";
    const seeds = (input.seeds as number[] | undefined) ?? [0];
    const started = seeds.map((seed) => {
      const run = { id: `run_${runs.length + 1}`, family, seed };
      runs.push(run);
      const claimed = script.claims?.[family] ?? { cv_accuracy: 0.9, cv_folds: 5 };
      return record(run, { args, refit: input.refit === true, claimed });
    });
    return JSON.stringify({ runs: started });
  }

  function submit({ input }: ToolUseBlock): string {
    const ids = input.runs as string[];
    const submitted = ids.flatMap((id) => runs.filter((run) => run.id === id));
    const scores = submitted.map((run) => {
      if (input.set === "validation") scored.set(run.id, scoreOf(run));
      seq += 1;
      const value = scoreOf(run);
      return {
        ledger_seq: seq,
        set: input.set,
        run: run.id,
        metric: "accuracy",
        value,
        interval: [value - 0.02, value + 0.02],
        rows: 30,
        baseline: { name: "most frequent class", value: 0.4 },
        secondary: {},
        queries_left: 20,
      };
    });
    const values = scores.map(({ value }) => value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const replicates = values.length > 1 ? { runs: values.length, mean, sd: 0.001 } : null;
    const comparison = input.set === "validation" ? compare(submitted[0]) : null;
    return JSON.stringify({
      scores,
      replicates,
      noise: replicates?.sd ?? null,
      comparison,
      best: null,
      queries_left: 20,
    });
  }

  function compare(run: LabRun | undefined): unknown {
    const sign = script.lowerIsBetter === true ? -1 : 1;
    const rivals = runs.filter(({ id, family }) => scored.has(id) && family !== run?.family);
    const rival = rivals.reduce<LabRun | undefined>(
      (best, next) => (best === undefined || sign * (scoreOf(next) - scoreOf(best)) > 0 ? next : best),
      undefined,
    );
    if (run === undefined || rival === undefined) return null;
    const difference = sign * (scoreOf(run) - scoreOf(rival));
    const unclear = script.indistinguishable ?? [];
    const verdict = [run.family, rival.family].some((family) => unclear.includes(family))
      ? "indistinguishable"
      : difference > 0
        ? "better"
        : "worse";
    return {
      run: run.id,
      against: rival.id,
      difference,
      // One that holds zero is wide: the rows cannot tell.
      interval:
        verdict === "indistinguishable"
          ? [difference - 0.04, difference + 0.04]
          : [difference - 0.01, difference + 0.01],
      noise: 0.001,
      verdict,
      reason: "By the interval.",
    };
  }

  return (call) => {
    const nth = (calls.get(call.name) ?? 0) + 1;
    calls.set(call.name, nth);
    const overridden = script.override?.(call, nth) ?? null;
    if (overridden !== null) return overridden;
    if (call.name === "inspect_data") return JSON.stringify({ ...REPORT, ...script.report });
    if (call.name === "propose_contract") return JSON.stringify({ ...CONTRACT, ...script.contract });
    if (call.name === "start_run") return startRun(call);
    if (call.name === "submit_for_evaluation") return submit(call);
    if (call.name === "publish_model") return JSON.stringify(RELEASE);
    return call.name === "write" ? `Wrote ${String(call.input.path)}: 10 lines.` : "ok";
  };
}

const RELEASE = {
  repo: "me/iris-species",
  url: "http://localhost/me/iris-species",
  revision: "abc",
  files: ["README.md", "model/model.onnx"],
  reloaded: { rows: 30, agrees: true },
  ledger_seq: 40,
};

export function record(
  { id, seed }: { readonly id: string; readonly seed: number },
  overrides: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    id,
    name: "run",
    script: "recipes/train.py",
    args: [],
    seed,
    refit: false,
    environment: "base",
    code_sha256: "c",
    ended: "exited",
    exit_code: 0,
    duration_s: 1.234,
    claimed: { cv_accuracy: 0.9, cv_folds: 5 },
    artefacts: [],
    has_model: true,
    log_tail: "done",
    log_path: "runs/log",
    ...overrides,
  };
}
