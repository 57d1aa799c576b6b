import type { Candidate } from "./candidates.ts";
import type { Conversation, Exchange, Failure } from "./conversation.ts";
import { readEvaluation, readRuns } from "./lab-documents.ts";
import type { Comparison, Evaluation, Run, Score } from "./lab-types.ts";

/** One `start_run` call and what came of it. An interrupted call has neither runs nor failure. */
export interface Attempt {
  readonly args: readonly string[];
  readonly runs: readonly Run[];
  readonly failure: Failure | null;
}

/** One `submit_for_evaluation` call that was answered. */
export interface Submission {
  readonly set: string;
  readonly asked: readonly string[];
  readonly evaluation: Evaluation | null;
  readonly failure: Failure | null;
}

/** What is known of one candidate. */
export interface Trial {
  readonly candidate: Candidate;
  readonly attempts: readonly Attempt[];
  /** Runs that ended well and left a model, the first seed first. */
  readonly runs: readonly Run[];
  /** Verified validation scores of those runs, by run. */
  readonly scores: ReadonlyMap<string, Score>;
  /** Why the evaluator refused it, when it did. */
  readonly refusal: Failure | null;
}

export function readAttempts(
  { exchanges }: Conversation,
  wanted: { readonly family?: string; readonly refit: boolean },
): Attempt[] {
  return exchanges.flatMap((exchange) => {
    if (exchange.name !== "start_run") return [];
    const args = Array.isArray(exchange.input.args) ? exchange.input.args.map(String) : [];
    if ((exchange.input.refit === true) !== wanted.refit) return [];
    if (wanted.family !== undefined && args[args.indexOf("--family") + 1] !== wanted.family) return [];
    return [readAttempt(exchange, args)];
  });
}

function readAttempt({ outcome }: Exchange, args: readonly string[]): Attempt {
  if (outcome.kind === "failed") return { args, runs: [], failure: outcome.failure };
  return { args, runs: outcome.kind === "ok" ? readRuns(outcome.text) : [], failure: null };
}

export function readSubmissions({ exchanges }: Conversation): Submission[] {
  return exchanges.flatMap(({ name, input, outcome }): Submission[] => {
    if (name !== "submit_for_evaluation" || outcome.kind === "interrupted") return [];
    const asked = Array.isArray(input.runs) ? input.runs.map(String) : [];
    const set = String(input.set);
    if (outcome.kind === "failed") return [{ set, asked, evaluation: null, failure: outcome.failure }];
    return [{ set, asked, evaluation: readEvaluation(outcome.text), failure: null }];
  });
}

export function readTrial(
  candidate: Candidate,
  conversation: Conversation,
  submissions: readonly Submission[],
): Trial {
  const attempts = readAttempts(conversation, { family: candidate.family, refit: false });
  const runs = attempts.flatMap((attempt) => attempt.runs).filter(isUsable);
  const scores = new Map<string, Score>();
  let refusal: Failure | null = null;
  for (const { set, asked, evaluation, failure } of submissions) {
    if (set !== "validation") continue;
    for (const score of evaluation?.scores ?? []) {
      if (runs.some(({ id }) => id === score.run)) scores.set(score.run, score);
    }
    if (failure !== null && asked.length === 1 && asked[0] === runs[0]?.id) refusal = failure;
  }
  return { candidate, attempts, runs, scores, refusal };
}

export function isUsable({ ended, exit_code, has_model }: Run): boolean {
  return ended === "exited" && (exit_code ?? 0) === 0 && has_model;
}

/** The verified score of the candidate's first run; null until the evaluator has given one. */
export function firstScore({ runs, scores }: Trial): Score | null {
  const [first] = runs;
  return first === undefined ? null : (scores.get(first.id) ?? null);
}

/** Mean of the verified scores over seeds: with one seed, its score. */
export function meanScore({ scores }: Trial): number {
  const values = [...scores.values()].map(({ value }) => value);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function isMeasured({ scores }: Trial): boolean {
  return scores.size >= 2;
}

/** The evaluator's comparisons, oldest first. */
export function readComparisons(submissions: readonly Submission[]): Comparison[] {
  return submissions.flatMap(({ evaluation }) => evaluation?.comparison ?? []);
}
