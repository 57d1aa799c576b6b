import { isDeepStrictEqual } from "node:util";
import { type AskedCall, type CallAnswer, requestAsked } from "./approval-event.ts";
import type { ApprovalState } from "./approval-state.ts";
import type { ToolRequest } from "./tool-request.ts";

export interface StandingAnswer {
  readonly asked: boolean;
  readonly answer: CallAnswer | null;
}

/**
 * What the person was asked and said about a call, provided that the call is still what they saw: the same in all things, and
 * not dearer. Otherwise it is as if nobody had been asked.
 */
export function standingAnswer(
  { requests }: ApprovalState,
  { request, id, call }: { readonly request: string; readonly id: string; readonly call: ToolRequest },
): StandingAnswer {
  const found = requests.find((each) => each.request === request && each.agent === call.agent);
  const seen = found?.calls.find((each) => each.id === id);
  if (found === undefined || seen === undefined || !isSameCall(seen, call))
    return { asked: false, answer: null };
  return { asked: true, answer: found.answers.find((each) => each.id === id) ?? null };
}

function isSameCall(asked: AskedCall, { estimatedUsd, ...call }: ToolRequest): boolean {
  const { estimatedUsd: seenUsd, ...seen } = requestAsked(asked, call.agent);
  // What was asked went through JSON on its way through the log.
  return isDeepStrictEqual(seen, JSON.parse(JSON.stringify(call))) && cost(estimatedUsd) <= cost(seenUsd);
}

function cost(usd: number | null): number {
  return usd ?? Number.POSITIVE_INFINITY;
}
