import { WebError } from "../http/web-error.ts";
import type { Missing, PaperSource } from "./paper.ts";
import { PaperError } from "./paper-error.ts";

export interface ServiceAnswers<Answer> {
  readonly answers: readonly { readonly source: PaperSource; readonly answer: Answer }[];
  readonly missing: readonly Missing[];
}

/**
 * Asks several services at once. One that fails is named among the missing and takes nothing from the others; when all fail,
 * `papers/unavailable` says why each did. An abort ends it with the signal's reason.
 */
export async function askServices<Answer>(options: {
  readonly what: string;
  readonly ask: Partial<Record<PaperSource, () => Promise<Answer>>>;
  readonly signal: AbortSignal;
}): Promise<ServiceAnswers<Answer>> {
  const { what, ask, signal } = options;
  const asked = Object.entries(ask) as [PaperSource, () => Promise<Answer>][];
  const answers: { source: PaperSource; answer: Answer }[] = [];
  const missing: Missing[] = [];
  const settled = await Promise.allSettled(asked.map(([, one]) => one()));
  signal.throwIfAborted();
  for (const [index, [source]] of asked.entries()) {
    const outcome = settled[index];
    if (outcome?.status === "fulfilled") answers.push({ source, answer: outcome.value });
    else missing.push(missingOf(source, outcome?.reason));
  }
  if (answers.length > 0 || asked.length === 0) return { answers, missing };
  const reasons = missing.map(({ source, why }) => `${source}: ${why}`).join(" ");
  const [first] = settled;
  throw new PaperError("papers/unavailable", `${what} could not be asked for. ${reasons}`, {
    mend: missing[0]?.mend ?? "Try again later.",
    cause: first?.status === "rejected" ? first.reason : undefined,
  });
}

/** A failure of the service, in words; a failure of ours is thrown on. */
export function missingOf(source: PaperSource, error: unknown): Missing {
  if (!(error instanceof WebError)) throw error;
  return { source, why: error.message, mend: error.mend };
}

/** The answer, or null where the service says that there is no such thing. */
export async function unlessAbsent<Answer>(asking: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof WebError && error.code === "web/not_found") return null;
    throw error;
  }
}
