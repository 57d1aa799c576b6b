import { z } from "zod";
import type { ApprovalSettings } from "./policy.ts";
import { type CallMatch, DECISIONS, type Rule } from "./rule.ts";

/** Longer ones are a slip, and slow where texts are long. */
const LONGEST_PATTERN = 200;

const pattern = z.string().min(1).max(LONGEST_PATTERN);
const patterns = z.union([pattern, z.array(pattern).min(1)]);
const usd = z.number().min(0);
const visibility = z.enum(["public", "private"]);

const match = {
  tool: patterns.exactOptional(),
  origin: patterns.exactOptional(),
  agent: patterns.exactOptional(),
  readOnly: z.boolean().exactOptional(),
  input: z.record(z.string().min(1), patterns).exactOptional(),
  hosts: z.array(pattern).exactOptional(),
  costUsd: z.union([z.strictObject({ above: usd }), z.strictObject({ atMost: usd })]).exactOptional(),
  target: z
    .strictObject({ name: patterns.exactOptional(), visibility: visibility.exactOptional() })
    .exactOptional(),
};

export const callMatchSchema: z.ZodType<CallMatch> = z.strictObject(match);

const rule: z.ZodType<Rule> = z.strictObject({
  decision: z.enum(DECISIONS),
  why: z.string().min(1).max(500).exactOptional(),
  ...match,
});

/** The section `approvals` of intern.yaml. */
export const approvalsSchema: z.ZodType<ApprovalSettings> = z.strictObject({
  rules: z.array(rule).exactOptional(),
  headless: z.strictObject({ allow: z.array(callMatchSchema) }).exactOptional(),
});
