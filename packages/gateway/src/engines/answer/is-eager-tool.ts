import type { MessagesRequest } from "@ml-intern/messages";

/** The beta that asks for eager arguments of every tool that does not say otherwise. */
export const EAGER_BETA = "fine-grained-tool-streaming-2025-05-14";

export interface EagerToolOptions {
  readonly tool: string;
  /** Of the client's request. */
  readonly headers: Headers;
}

/**
 * Whether a tool's arguments leave as they are written: by the tool's own word; where it has none, by the beta header.
 * Without streaming there is nothing to hurry.
 */
export function isEagerTool(
  { tools = [], stream }: MessagesRequest,
  { tool: name, headers }: EagerToolOptions,
): boolean {
  const tool = tools.find((each) => each.name === name);
  const own = tool && "eager_input_streaming" in tool ? tool.eager_input_streaming : null;
  const betas = (headers.get("anthropic-beta") ?? "").split(",").map((beta) => beta.trim());
  return stream === true && (own ?? betas.includes(EAGER_BETA));
}
