import type { ApprovableTool } from "./approvable-tool.ts";
import { type ApprovalGiven, type AskedCall, type CallAnswer, requestAsked } from "./approval-event.ts";
import { type ApprovalState, waiting } from "./approval-state.ts";
import { literally } from "./glob.ts";
import { matchesCall } from "./matches-call.ts";
import type { CallMatch } from "./rule.ts";

/** What is wrong with the answer to one call. */
export interface FaultyAnswer {
  readonly id: string;
  readonly message: string;
}

export type AnsweredApproval =
  | { readonly kind: "given"; readonly event: ApprovalGiven }
  /** Nothing is answered. */
  | { readonly kind: "faulty"; readonly problems: readonly FaultyAnswer[] };

/** Checks a person's answers before they are kept: an edited call against its tool's schema, among others. */
export function answerApproval(
  state: ApprovalState,
  options: {
    readonly request: string;
    readonly answers: readonly CallAnswer[];
    readonly tools: readonly ApprovableTool[];
  },
): AnsweredApproval {
  const { request, answers, tools } = options;
  const asked = state.requests.find((each) => each.request === request);
  const calls = asked === undefined ? [] : waiting(asked);
  const problems = answers.flatMap((answer) => {
    const call = calls.find(({ id }) => id === answer.id);
    const message =
      call === undefined ? NOT_WAITING : problemOf(answer, { call, agent: asked?.agent ?? "", tools });
    return message === null ? [] : [{ id: answer.id, message }];
  });
  if (problems.length > 0) return { kind: "faulty", problems };
  return { kind: "given", event: { type: "approval_given", request, answers } };
}

const NOT_WAITING = "This call does not wait for an answer; it may have been answered elsewhere.";

function problemOf(
  answer: CallAnswer,
  options: {
    readonly call: AskedCall;
    readonly agent: string;
    readonly tools: readonly ApprovableTool[];
  },
): string | null {
  const { call, agent, tools } = options;
  if (answer.kind === "approve_edited") {
    const tool = tools.find(({ name, origin }) => name === call.tool && origin === call.origin);
    if (tool === undefined) return `The tool ${call.tool} is not there any more.`;
    const parsed = tool.parse(answer.input);
    return parsed.ok ? null : parsed.cause.message;
  }
  if (answer.kind === "approve" && answer.always !== undefined) {
    const fits = matchesCall(answer.always, requestAsked(call, agent), "narrow");
    return fits ? null : "What is to be allowed for this session does not fit the call that was asked about.";
  }
  return null;
}

/**
 * "Always allow this": calls of the same tool to the same hosts and target that cost no more. Null where the cost is not
 * known, since such calls cannot be told from dear ones.
 */
export function callsLike(call: AskedCall): CallMatch | null {
  const { tool, origin, estimated_usd: estimatedUsd, hosts, target } = call;
  if (estimatedUsd === null) return null;
  return {
    tool: literally(tool),
    origin: literally(origin),
    costUsd: { atMost: estimatedUsd },
    ...(hosts === "any" ? {} : { hosts: hosts.map(literally) }),
    ...(target === null ? {} : { target: { name: literally(target.name), visibility: target.visibility } }),
  };
}
