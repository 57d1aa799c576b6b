import { z } from "zod";
import type { ApprovableTool, ParsedInput } from "../approvals/approvable-tool.ts";
import type { ApprovedCall } from "../approvals/gate.ts";
import { BUILT_IN, type CallFacts } from "../approvals/tool-request.ts";
import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import { type DescribedFailure, toToolFailure } from "../failures/tool-failure.ts";
import type { Role } from "../guards/guard-step.ts";
import type { ToolAnswer } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { boundOutput } from "./bound-output.ts";

export interface ToolContext {
  readonly workbench: Workbench;
  readonly session: Session;
  /** Of whoever calls: what costs is reserved there before it is begun, and settled afterwards. */
  readonly budget: BudgetKeeper;
  readonly callId: string;
  /** Shows output while the tool works; it is not kept. */
  readonly show: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface Tool extends ApprovableTool {
  readonly description: string;
  /** JSON Schema of the arguments, as the model sees it. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly readOnly: boolean;
  /** True when a call that was cut off by a crash may simply be made again. */
  readonly repeatable: boolean;
  /** What its calls are to the guards against going round in circles. */
  readonly role: Role;
  /**
   * Never throws, except when `context.signal` aborts or the session cannot be kept: a failed action is an answer, which
   * says what to mend. Takes only what a policy, or a person, has approved.
   */
  run(call: ApprovedCall, context: ToolContext): Promise<ToolAnswer>;
}

interface ToolSpecification<Input> {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly readOnly?: boolean;
  readonly repeatable?: boolean;
  /** Default `act`. */
  readonly role?: Role;
  /** What a call does beyond the sandbox; by default nothing, and it costs nothing. */
  readonly facts?: (input: Input) => Partial<CallFacts>;
  /** A string is shown to the model as it is, anything else as JSON. */
  readonly execute: (input: Input, context: ToolContext) => Promise<unknown>;
}

/** Wraps what every tool needs once: argument check, bounded output, failures as answers. */
export function defineTool<Input>(specification: ToolSpecification<Input>): Tool {
  const {
    name,
    description,
    input: schema,
    readOnly = false,
    repeatable = readOnly,
    role = "act",
    facts = () => ({}),
    execute,
  } = specification;
  const { $schema: _, ...inputSchema } = z.toJSONSchema(schema) as Record<string, unknown>;
  return {
    name,
    description,
    inputSchema,
    readOnly,
    repeatable,
    role,
    origin: BUILT_IN,
    parse(raw): ParsedInput {
      const parsed = schema.safeParse(raw);
      if (!parsed.success) return { ok: false, cause: wrongArguments(name, parsed.error) };
      return { ok: true, input: parsed.data as ApprovedCall["input"] };
    },
    facts: async (input) => ({
      readOnly,
      estimatedUsd: 0,
      hosts: [],
      target: null,
      ...facts(input as Input),
    }),
    async run({ input }, context) {
      try {
        // Only what `parse` gave is ever approved.
        const value = await execute(input as Input, context);
        const text = typeof value === "string" ? value : JSON.stringify(value);
        return { content: await boundOutput(text, context), is_error: false };
      } catch (error) {
        context.signal.throwIfAborted();
        return { content: toToolFailure(error), is_error: true };
      }
    },
  };
}

function wrongArguments(name: string, error: z.ZodError): DescribedFailure {
  const problems = error.issues.map((issue) => {
    const path = issue.path.map(String).join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  return {
    code: "tool/wrong_arguments",
    message: `The arguments of ${name} do not fit its schema. ${problems.join("; ")}`,
    mend: "Nothing was done. Send the call again with these arguments mended.",
  };
}
