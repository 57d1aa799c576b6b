import type { DescribedFailure } from "../failures/tool-failure.ts";
import type { CallFacts, ToolRequest } from "./tool-request.ts";

export type Input = Readonly<Record<string, unknown>>;

export type ParsedInput =
  | { readonly ok: true; readonly input: Input }
  | { readonly ok: false; readonly cause: DescribedFailure };

/** What a tool has to say about itself before it is called. */
export interface ApprovableTool {
  readonly name: string;
  /** `built-in` or `mcp:<server>`: never what the tool itself says. */
  readonly origin: string;
  /** Holds arguments against the tool's schema. */
  parse(input: unknown): ParsedInput;
  /** What a call with these arguments would do. A failure is a reason not to make the call. */
  facts(input: Input, signal: AbortSignal): Promise<CallFacts>;
}

/** A call of a model that nobody has decided on. */
export interface RequestedCall<Tool extends ApprovableTool> {
  readonly id: string;
  readonly tool: Tool;
  readonly input: unknown;
}

export async function requestOf(
  tool: ApprovableTool,
  { input, agent, signal }: { readonly input: Input; readonly agent: string; readonly signal: AbortSignal },
): Promise<ToolRequest> {
  const { readOnly, estimatedUsd: usd, hosts, target } = await tool.facts(input, signal);
  // A sum that came to nothing sensible is not known.
  const estimatedUsd = usd !== null && usd >= 0 && Number.isFinite(usd) ? usd : null;
  return { tool: tool.name, origin: tool.origin, input, agent, readOnly, estimatedUsd, hosts, target };
}
