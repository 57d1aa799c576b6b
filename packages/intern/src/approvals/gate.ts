import { type DescribedFailure, describeFailure } from "../failures/tool-failure.ts";
import { type ApprovableTool, type Input, type RequestedCall, requestOf } from "./approvable-tool.ts";
import { type ApprovalAsked, type AskedCall, askedCall } from "./approval-event.ts";
import type { ApprovalState } from "./approval-state.ts";
import { decide, decideAlone, type Verdict } from "./decide.ts";
import { type Policy, withAlways } from "./policy.ts";
import { standingAnswer } from "./standing-answer.ts";
import type { ToolRequest } from "./tool-request.ts";

/**
 * A call that may be made. Only {@link gate} makes one: a tool that takes nothing else cannot be run without a decision.
 */
class Approved<Tool extends ApprovableTool> {
  readonly #isDecided = true;
  readonly kind = "approved";
  readonly id: string;
  readonly tool: Tool;
  /** Parsed; what the person made of it where they edited it. */
  readonly input: Input;
  readonly isEdited: boolean;
  /** What the policy says: `ask` where a person has approved. */
  readonly verdict: Verdict;

  constructor(call: RequestedCall<Tool>, input: Input, verdict: Verdict, isEdited: boolean) {
    this.id = call.id;
    this.tool = call.tool;
    this.input = input;
    this.isEdited = isEdited;
    this.verdict = verdict;
    Object.freeze(this);
  }

  static is(value: unknown): boolean {
    return typeof value === "object" && value !== null && #isDecided in value;
  }
}

export type ApprovedCall<Tool extends ApprovableTool = ApprovableTool> = Approved<Tool>;

/** Whether a value came out of {@link gate}, where types alone do not say so. */
export function isApproved(value: unknown): value is ApprovedCall {
  return Approved.is(value);
}

/** A call that is not made; the model gets the cause as its result. */
export interface RefusedCall {
  readonly kind: "refused";
  readonly id: string;
  readonly cause: DescribedFailure;
}

/** A call that a person has to decide on. */
export interface WaitingCall {
  readonly kind: "waiting";
  readonly id: string;
  readonly call: AskedCall;
  /** It stands in the session already; only its answer is missing. */
  readonly isAsked: boolean;
}

export type GatedCall<Tool extends ApprovableTool> = ApprovedCall<Tool> | RefusedCall | WaitingCall;

/** Who answers questions: a person, nobody, or a person who agreed to everything beforehand (`--yes`). */
export type Presence = "person" | "nobody" | "agreed";

export interface GateOptions {
  readonly policy: Policy;
  readonly approvals: ApprovalState;
  /** Names the model's answer that the calls stand in; see {@link ApprovalAsked}. */
  readonly request: string;
  readonly agent: string;
  readonly presence: Presence;
  readonly signal: AbortSignal;
}

/**
 * Decides on calls, each by itself and in their order. It may be asked again and again with the same calls: while they
 * arrive, when answers have come in, and after a restart. Rejects only when `signal` aborts.
 */
export function gate<Tool extends ApprovableTool>(
  calls: readonly RequestedCall<Tool>[],
  options: GateOptions,
): Promise<readonly GatedCall<Tool>[]> {
  return Promise.all(calls.map((call) => gateCall(call, options)));
}

/** What to ask the person, once the model's answer is complete; null where nothing is to be asked that was not before. */
export function approvalFor(
  calls: readonly GatedCall<ApprovableTool>[],
  { request, agent }: Pick<GateOptions, "request" | "agent">,
): ApprovalAsked | null {
  const asked = calls.flatMap((each) => (each.kind === "waiting" && !each.isAsked ? each.call : []));
  return asked.length === 0 ? null : { type: "approval_asked", request, agent, calls: asked };
}

async function gateCall<Tool extends ApprovableTool>(
  call: RequestedCall<Tool>,
  options: GateOptions,
): Promise<GatedCall<Tool>> {
  try {
    return await judge(call, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return { kind: "refused", id: call.id, cause: describeFailure(error) };
  }
}

async function judge<Tool extends ApprovableTool>(
  call: RequestedCall<Tool>,
  options: GateOptions,
): Promise<GatedCall<Tool>> {
  const { id, tool } = call;
  const { approvals, presence } = options;
  const policy = withAlways(options.policy, approvals.always);
  const parsed = tool.parse(call.input);
  if (!parsed.ok) return { kind: "refused", id, cause: parsed.cause };
  const request = await requestOf(tool, { input: parsed.input, ...options });
  const verdict = decide(policy, request);
  if (verdict.decision === "deny") return refused(id, denied(request, verdict));
  if (verdict.decision === "allow") return new Approved(call, parsed.input, verdict, false);

  const { asked, answer } = standingAnswer(approvals, { request: options.request, id, call: request });
  if (answer === null && presence === "person") {
    return { kind: "waiting", id, call: askedCall(id, request, verdict), isAsked: asked };
  }
  if (answer === null && presence === "nobody") {
    const alone = decideAlone(policy, request);
    if (alone.decision !== "allow") return refused(id, unanswered(request, verdict));
    return new Approved(call, parsed.input, alone, false);
  }
  if (answer === null || answer.kind === "approve") return new Approved(call, parsed.input, verdict, false);
  if (answer.kind === "reject") return refused(id, rejected(request, answer.words));

  // What the person wrote is held against the same schema and the same prohibitions.
  const edited = tool.parse(answer.input);
  if (!edited.ok) return refused(id, edited.cause);
  const changed = await requestOf(tool, { input: edited.input, ...options });
  const second = decide(policy, changed);
  if (second.decision === "deny") return refused(id, denied(changed, second));
  return new Approved(call, edited.input, second, true);
}

function refused(id: string, cause: DescribedFailure): RefusedCall {
  return { kind: "refused", id, cause };
}

function denied({ tool }: ToolRequest, { rule, why }: Verdict): DescribedFailure {
  return {
    code: "approval/denied",
    message: `This call of ${tool} is forbidden. ${why} (${rule})`,
    mend: "Nothing was done. Find another way, or say in your summary what stands in the way.",
  };
}

function unanswered({ tool }: ToolRequest, { rule, why }: Verdict): DescribedFailure {
  return {
    code: "approval/nobody",
    message: `This call of ${tool} needs a person's word, and there is nobody to ask. ${why} (${rule})`,
    mend: "Nothing was done. Find a way without it, or say in your summary that it is left to the person.",
  };
}

function rejected({ tool }: ToolRequest, words: string): DescribedFailure {
  const said = words.trim();
  return {
    code: "approval/rejected",
    message: `The person refused this call of ${tool}.${said === "" ? "" : ` They say: ${said}`}`,
    mend:
      said === "" ? "Nothing was done. Do not make the call again." : "Nothing was done. Do what they say.",
  };
}
