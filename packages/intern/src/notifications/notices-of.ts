import type { Score } from "@ml-intern/lab";
import type { BudgetMark } from "../budget/budget-entry.ts";
import { showAmount } from "../budget/show-amount.ts";
import type { EvaluationRecord, ReleaseRecord } from "../publishing/release-record.ts";
import type { LoggedEvent } from "../session/session-event.ts";
import type { SessionState } from "../session/session-state.ts";
import type { Notice } from "./notice.ts";

type Sketch = Pick<Notice, "kind" | "text" | "facts"> & {
  /** What tells it apart from others of its kind in the session. */
  readonly mark: string | number;
};

/** A kind of event that a person may want to hear of. `state` is that after the event. */
type Mapping = {
  readonly [Type in LoggedEvent["type"]]?: (
    event: Extract<LoggedEvent, { type: Type }>,
    state: SessionState,
  ) => Sketch | null;
};

const MAPPING: Mapping = {
  recorded: ({ kind, body }, state) =>
    kind === "evaluation" ? newBest(body as EvaluationRecord, state) : null,
  approval_asked: ({ request, calls }) =>
    waitsForYou(
      request,
      calls.map(({ tool }) => tool),
    ),
  budget_mark: budgetReached,
  turn_finished: ({ outcome, cause }, state) => ended(outcome, cause?.code ?? "", state),
};

const TITLES: Readonly<Record<Notice["kind"], string>> = {
  needs_you: "ml-intern needs you",
  budget: "ml-intern: budget",
  best: "ml-intern: a new verified best",
  failed: "ml-intern failed",
  finished: "ml-intern is done",
};

/** What a person should hear of an event; nothing for nearly all of them. `state` is that after the event. */
export function noticesOf(event: LoggedEvent, state: SessionState): readonly Notice[] {
  const map = MAPPING[event.type] as ((event: LoggedEvent, state: SessionState) => Sketch | null) | undefined;
  const sketch = map?.(event, state) ?? null;
  if (sketch === null) return [];
  const { mark, ...rest } = sketch;
  const id = `${state.id}:${rest.kind}:${mark}`;
  return [{ ...rest, id, session: state.id, time: event.time, title: TITLES[rest.kind] }];
}

/** Calls that wait for the person's word. */
export function waitsForYou(request: string, tools: readonly string[]): Sketch {
  const names = [...new Set(tools)].slice(0, 5).join(", ");
  const calls = tools.length === 1 ? "a call" : `${tools.length} calls`;
  return {
    kind: "needs_you",
    mark: request,
    text: `It waits for your word on ${calls}: ${names}.`,
    facts: { calls: tools.length },
  };
}

/** A part of the budget that is spent. */
function budgetReached(mark: BudgetMark, { budget }: SessionState): Sketch {
  const { resource, percent, limit } = mark;
  const spent = showAmount(resource, budget.spent[resource]);
  return {
    kind: "budget",
    mark: `${percent} of ${limit} ${resource}`,
    text: `${percent} % of the budget is spent: ${spent} of ${showAmount(resource, BigInt(limit))}.`,
    facts: { percent, resource },
  };
}

/** A verified score that beats all before it beyond the noise, or is the first on its set. */
function newBest({ scores, best, comparison }: EvaluationRecord, state: SessionState): Sketch | null {
  const set = scores[0]?.set;
  const score = best === null ? undefined : scoreOf(best.run, set, state);
  if (score === undefined || !scores.some(({ code_sha256 }) => code_sha256 === score.code_sha256))
    return null;
  if (comparison !== null && comparison.verdict !== "better") return null;
  const { run, metric, value, interval, baseline } = score;
  const [low, high] = interval.map(short);
  return {
    kind: "best",
    mark: `${score.set}:${score.code_sha256}`,
    text: `${run} on ${score.set}: ${metric} ${short(value)} (95 % ${low} to ${high}); ${baseline.name} has ${short(baseline.value)}.`,
    facts: { set: score.set, run, metric, value, low: interval[0], high: interval[1] },
  };
}

function scoreOf(run: string, set: Score["set"] | undefined, { records }: SessionState): Score | undefined {
  // Only submit_for_evaluation records evaluations, and it records this shape.
  const evaluations = (records.evaluation ?? []) as readonly EvaluationRecord[];
  return evaluations.flatMap(({ scores }) => scores).find((score) => score.run === run && score.set === set);
}

function ended(
  outcome: Extract<LoggedEvent, { type: "turn_finished" }>["outcome"],
  code: string,
  state: SessionState,
): Sketch | null {
  const mark = state.turns;
  switch (outcome) {
    case "published": {
      // Only publish_model records releases, and it records this shape.
      const release = state.records.release?.at(-1) as ReleaseRecord | undefined;
      const facts = release === undefined ? {} : { repo: release.repo, url: release.url };
      const where = release === undefined ? "" : `: ${release.url}`;
      return { kind: "finished", mark, text: `The model is published${where}`, facts };
    }
    case "failed":
    case "bad_input": {
      // A code may come out of a tool's output; only what looks like one of ours goes out.
      const cause = /^[a-z_]{1,20}(\/[a-z_]{1,30})?$/.test(code) ? code : "unknown";
      return { kind: "failed", mark, text: `It ended with ${cause}. ${goesOn(state)}`, facts: { cause } };
    }
    case "budget":
      return {
        kind: "budget",
        mark: `spent ${mark}`,
        text: `The limit is reached. ${goesOn(state)}`,
        facts: {},
      };
    case "answered":
    case "stopped":
      // The person is there.
      return null;
    default:
      return outcome satisfies never;
  }
}

function goesOn({ id }: SessionState): string {
  return `\`ml-intern resume ${id}\` goes on.`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
