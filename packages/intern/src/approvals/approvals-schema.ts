import { flag, section } from "@ml-intern/gateway/settings";
import { z } from "zod";
import { usdSchema } from "../budget/budget-schema.ts";
import type { ApprovalSettings } from "./policy.ts";
import { type CallMatch, DECISIONS, type Rule } from "./rule.ts";

/** Longer ones are a slip, and slow where texts are long. */
const LONGEST_PATTERN = 200;

/** One pattern or several; `epochs: 3` is meant as text, too. */
const patterns = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]).map((each) => (isPlain(each) ? String(each) : each)),
  z.array(z.string().min(1).max(LONGEST_PATTERN)).min(1),
);

const costUsd = section({ above: usdSchema.exactOptional(), atMost: usdSchema.exactOptional() }).transform(
  ({ above, atMost }, context) => {
    if (above !== undefined && atMost === undefined) return { above };
    if (above === undefined && atMost !== undefined) return { atMost };
    const params = { mend: "Write `above` or `atMost`, and a number of dollars." };
    context.addIssue({ code: "custom", message: "needs one of two bounds", params });
    return z.NEVER;
  },
);

const match = {
  tool: patterns.exactOptional(),
  origin: patterns.exactOptional(),
  agent: patterns.exactOptional(),
  readOnly: flag().exactOptional(),
  input: z.record(z.string().min(1), patterns).exactOptional(),
  hosts: z.array(z.string().min(1).max(LONGEST_PATTERN)).exactOptional(),
  costUsd: costUsd.exactOptional(),
  target: section({
    name: patterns.exactOptional(),
    visibility: z.enum(["public", "private"]).exactOptional(),
  }).exactOptional(),
};

export const callMatchSchema: z.ZodType<CallMatch> = section(match);

const rule: z.ZodType<Rule> = section({
  decision: z.enum(DECISIONS),
  why: z.string().min(1).max(500).exactOptional(),
  ...match,
});

/** The section `approvals` of intern.yaml. */
export const approvalsSchema: z.ZodType<ApprovalSettings> = section({
  rules: z.array(rule).exactOptional(),
  headless: section({ allow: z.array(callMatchSchema) }).exactOptional(),
});

function isPlain(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}
