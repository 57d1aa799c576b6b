import { isDeepStrictEqual } from "node:util";
import type { AskedCall, CallAnswer } from "./approval-event.ts";
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

function isSameCall(seen: AskedCall, call: ToolRequest): boolean {
  const { tool, origin, input, readOnly, hosts, target } = call;
  return (
    isDeepStrictEqual(
      [seen.tool, seen.origin, seen.input, seen.readOnly, seen.hosts, seen.target],
      // The asked call went through JSON on its way through the log.
      JSON.parse(JSON.stringify([tool, origin, input, readOnly, hosts, target])),
    ) && cost(call.estimatedUsd) <= cost(seen.estimatedUsd)
  );
}

function cost(usd: number | null): number {
  return usd ?? Number.POSITIVE_INFINITY;
}
