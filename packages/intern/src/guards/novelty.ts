import { codeShape } from "./code-shape.ts";
import type { ErrorClass } from "./error-class.ts";
import type { GuardStep } from "./guard-step.ts";
import { hashText } from "./hash-text.ts";
import { Seen } from "./seen.ts";

/**
 * What a step brought that the session had not seen.
 * - `outcome`: a metric, a count of failing tests, a kind of error. The work itself moved.
 * - `content`: a text written, a line of an answer, an error. Something was learnt or made.
 */
export type Novelty = "outcome" | "content" | null;

const METRIC =
  /\b(\w*(?:acc(?:uracy)?|loss|f1|auc|rmse|mae|mse|r2|precision|recall|bleu|rouge\w?|perplexity|ppl|score|reward|ndcg|m?ap|iou|dice|wer|value))"?\s*[:= ]\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)/gi;
/** Counts are an outcome of a failed call too; metrics are not: before a crash they are noise. */
const COUNT = /\b(\d+) (failed|passed|errors?)\b/gi;

const LINES = 50_000;
const OTHERS = 10_000;

/** Judges step after step against all that came before, as far as a bounded memory reaches. */
export class NoveltyJudge {
  readonly #lines = new Seen(LINES);
  readonly #written = new Seen(OTHERS);
  readonly #outcomes = new Seen(OTHERS);

  /** `steady` is the answer without what changes by itself. */
  judge(step: GuardStep, steady: string, error: ErrorClass | null): Novelty {
    if (step.role === "note") return null;
    const isNewKind = error !== null && this.#outcomes.add(hashText(`error ${error.kind}`));
    const isNewError = error !== null && this.#outcomes.add(hashText(`error: ${error.name}`));
    if (this.#outcome(step, steady, error) || isNewKind) return "outcome";
    if (isNewError) return "content";
    return error === null && this.#content(step, steady) ? "content" : null;
  }

  #outcome({ role }: GuardStep, steady: string, error: ErrorClass | null): boolean {
    if (role === "write") return false;
    const pattern = error === null ? METRIC : COUNT;
    const found = steady.match(pattern)?.join(" ") ?? "";
    return found !== "" && this.#outcomes.add(hashText(found));
  }

  #content(step: GuardStep, steady: string): boolean {
    if (step.role === "write" || isAcknowledgement(steady)) return this.#written.add(hashText(madeBy(step)));
    let isNew = false;
    for (const line of steady.split("\n")) {
      if (this.#lines.add(hashText(plain(line)))) isNew = true;
    }
    return isNew;
  }
}

/** A line as it is, wherever it stands: numbered or indented by one tool, bare from another. */
function plain(line: string): string {
  return line.replace(/^\s*\d+(?: {2}|\t)/, "").trim();
}

/** Nothing, or one word, as in "ok": what was done is in the call. */
function isAcknowledgement(steady: string): boolean {
  return steady === "(no output)" || /^\W*\w*\W*$/.test(steady);
}

/** The texts of a call, but for where they go. */
function madeBy({ input }: GuardStep): string {
  return Object.entries(input)
    .filter(([key, value]) => key !== "path" && typeof value === "string")
    .map(([, value]) => codeShape(value as string))
    .join("\n→ ");
}
