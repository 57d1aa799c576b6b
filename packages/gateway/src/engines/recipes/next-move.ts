import type { MessagesRequest } from "@ml-intern/messages";
import { type Move, say } from "./move.ts";

/** The policy: the next move, derived from the conversation alone. */
export function nextMove(_request: MessagesRequest): Move {
  return say("I am ml-intern's offline recipe engine: fixed rules, no language model.");
}
