import { anotherMayAnswer, statusOf } from "./another-may-answer.ts";
import type { Candidate } from "./resolve-models.ts";

/** What came of asking one candidate. */
export type Attempt<T> =
  | { readonly kind: "answered"; readonly answer: T }
  | {
      readonly kind: "failed";
      readonly status: number;
      /** Gives the failure to the client: as an answer of its own, or by throwing. */
      readonly tell: () => T;
      /** Gives the failure up, because another one is told or somebody else has answered. */
      readonly discard: () => PromiseLike<void>;
    };

export interface FirstAnswerOptions<T> {
  /** Must not throw. `rest` are the candidates after this one. */
  readonly attempt: (candidate: Candidate, rest: readonly Candidate[]) => Promise<Attempt<T>>;
  readonly signal: AbortSignal;
}

type Failed<T> = Extract<Attempt<T>, { kind: "failed" }>;

/**
 * Asks one candidate after the other until one answers. The next is asked only after a failure that it may not share;
 * when all fail, the last such failure is told. A later candidate that cannot take the request at all (a 400) does not
 * count: it would tell a client to give up where coming back would help.
 */
export async function firstAnswer<T>(
  candidates: readonly Candidate[],
  { attempt, signal }: FirstAnswerOptions<T>,
): Promise<T> {
  let told: Failed<T> | null = null;
  for (const [position, candidate] of candidates.entries()) {
    const outcome = await attempt(candidate, candidates.slice(position + 1));
    if (outcome.kind === "answered") {
      await told?.discard();
      return outcome.answer;
    }
    const shared = !anotherMayAnswer(outcome.status);
    if (told && shared) {
      await outcome.discard();
      continue;
    }
    await told?.discard();
    told = outcome;
    if (shared || signal.aborted) break;
  }
  if (!told) throw new Error("There is no candidate to ask");
  return told.tell();
}

/** An attempt that can only answer or throw. */
export async function attempted<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: "answered", answer: await work() };
  } catch (error) {
    const tell = (): never => {
      throw error;
    };
    return { kind: "failed", status: statusOf(error), tell, discard: async () => {} };
  }
}
