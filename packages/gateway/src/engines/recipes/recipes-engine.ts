import type { Engine } from "../engine.ts";
import { estimateInputTokens } from "./estimate-tokens.ts";
import { nextMove } from "./next-move.ts";
import { streamMove } from "./stream-move.ts";

const CONTEXT_WINDOW = 1_000_000;
const MAX_OUTPUT_TOKENS = 64_000;

/**
 * The engine that needs no model and no network: fixed rules over the conversation, answered in the same streamed
 * text and tool calls as a language model's. It keeps no state, so the same request gives the same bytes.
 * Token counts are estimates (four characters a token); nothing it does costs anything.
 */
export function createRecipesEngine(): Engine {
  return {
    name: "recipes",
    generate: (request, { signal }) => streamMove(nextMove(request), { request, signal }),
    countTokens: async (request) => estimateInputTokens(request),
    listModels: async () => [
      {
        id: "default",
        displayName: "Offline recipes (fixed rules, no language model)",
        contextWindow: CONTEXT_WINDOW,
        maxOutputTokens: MAX_OUTPUT_TOKENS,
        supportsImages: false,
        supportsThinking: false,
      },
    ],
  };
}
