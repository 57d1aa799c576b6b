import { z } from "zod";
import { callMatchSchema } from "./approvals-schema.ts";
import type { CallMatch } from "./rule.ts";
import type { ToolRequest } from "./tool-request.ts";

/** A call that waits for a person, with all they need to decide. */
export interface AskedCall extends Omit<ToolRequest, "agent"> {
  readonly id: string;
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

const id = z.string().min(1);

/** Answers as a face sends them. */
export const callAnswersSchema: z.ZodType<readonly CallAnswer[]> = z.array(
  z.discriminatedUnion("kind", [
    z.strictObject({ id, kind: z.literal("approve"), always: callMatchSchema.exactOptional() }),
    z.strictObject({ id, kind: z.literal("approve_edited"), input: z.record(z.string(), z.unknown()) }),
    z.strictObject({ id, kind: z.literal("reject"), words: z.string().max(10_000) }),
  ]),
);
