import { z } from "zod";
import { callMatchSchema } from "./approvals-schema.ts";
import type { Verdict } from "./decide.ts";
import type { CallMatch } from "./rule.ts";
import type { Target, ToolRequest } from "./tool-request.ts";

/** A call that waits for a person, with all they need to decide: a {@link ToolRequest} as the log has it. */
export interface AskedCall {
  readonly id: string;
  readonly tool: string;
  readonly origin: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly read_only: boolean;
  readonly estimated_usd: number | null;
  readonly hosts: readonly string[] | "any";
  readonly target: Target | null;
  /** The rule that asks, and its reason. */
  readonly rule: string;
  readonly why: string;
}

/** All calls of one answer of a model that need a person's word, asked about together. */
export interface ApprovalAsked {
  readonly type: "approval_asked";
  /** Names the answer of the model: `<agent>:<iteration>`. */
  readonly request: string;
  readonly agent: string;
  /** The call whose sub-agent asks; absent where the session's own agent does. */
  readonly call?: string;
  readonly calls: readonly AskedCall[];
}

/**
 * What the person says to one call. `always` allows all calls that fit it for the rest of the session; `words` tell the
 * model what to do instead.
 */
export type CallAnswer =
  | { readonly id: string; readonly kind: "approve"; readonly always?: CallMatch }
  | {
      readonly id: string;
      readonly kind: "approve_edited";
      readonly input: Readonly<Record<string, unknown>>;
    }
  | { readonly id: string; readonly kind: "reject"; readonly words: string };

/** Answers to some or all calls of a request; of two answers to one call the first counts. */
export interface ApprovalGiven {
  readonly type: "approval_given";
  readonly request: string;
  readonly answers: readonly CallAnswer[];
}

export type ApprovalEvent = ApprovalAsked | ApprovalGiven;

export function askedCall(id: string, request: ToolRequest, { rule, why }: Verdict): AskedCall {
  const { agent: _, readOnly: read_only, estimatedUsd: estimated_usd, ...same } = request;
  return { id, ...same, read_only, estimated_usd, rule, why };
}

/** The request that was asked about. */
export function requestAsked(call: AskedCall, agent: string): ToolRequest {
  const { tool, origin, input, read_only: readOnly, estimated_usd: estimatedUsd, hosts, target } = call;
  return { tool, origin, input, agent, readOnly, estimatedUsd, hosts, target };
}

const id = z.string().min(1);

/** Answers as a face sends them. */
export const callAnswersSchema: z.ZodType<readonly CallAnswer[]> = z.array(
  z.discriminatedUnion("kind", [
    z.strictObject({ id, kind: z.literal("approve"), always: callMatchSchema.exactOptional() }),
    z.strictObject({ id, kind: z.literal("approve_edited"), input: z.record(z.string(), z.unknown()) }),
    z.strictObject({ id, kind: z.literal("reject"), words: z.string().max(10_000) }),
  ]),
);
