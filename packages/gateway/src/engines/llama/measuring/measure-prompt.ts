import type { CountTokensRequest } from "@ml-intern/messages";
import type { Measured } from "../../../cache/measure.ts";
import type { PromptPlace } from "../../../cache/prompt/prompt-block.ts";
import { GatewayError } from "../../../gateway-error.ts";
import { fittingPrompt, type PromptModel } from "../models/loaded-model.ts";
import type { PromptTokensOptions } from "../models/prompt-tokens.ts";
import { takeTurns } from "../models/take-turns.ts";
import { shortenedRequest } from "./shortened-request.ts";

/**
 * The tokens of a prompt, and of its beginning through each place: what another request that is the same up to there has
 * in common with it. Templates do as they like: one that puts the system prompt before the tools has next to nothing in
 * common through its tools, one that leaves out earlier thinking little through a turn that had some. So the request is
 * written once more for each place, as if it ended there, and what both begin with counts. Throws what refuses the
 * request itself.
 */
export async function measurePrompt(
  model: PromptModel,
  request: CountTokensRequest,
  places: readonly PromptPlace[],
  options: PromptTokensOptions,
): Promise<Measured> {
  const { tokens, sharedTokens } = await fittingPrompt(model, request, options);
  const nextTurn = takeTurns(options.signal);
  const shared: (number | null)[] = [];
  for (const place of places) {
    const prompt = promptThrough(model, request, place);
    shared.push(prompt === null ? null : sharedTokens(prompt));
    await nextTurn();
  }
  return { total: tokens.length, at: growing(shared) };
}

/** Null where the template refuses a conversation that ends there. */
function promptThrough(
  { format }: PromptModel,
  request: CountTokensRequest,
  place: PromptPlace,
): readonly string[] | null {
  try {
    return format.openTurn(shortenedRequest(request, place)).prompt;
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/**
 * Where nothing is known, what holds for the place before. Whatever is the same through a place is so through those
 * before it: if it shares less, these cannot promise more.
 */
function growing(shared: readonly (number | null)[]): readonly number[] {
  let reached = 0;
  return shared.map((count, index) => {
    if (count !== null) reached = Math.min(...shared.slice(index).flatMap((later) => later ?? []));
    return reached;
  });
}
