import type { MessagesRequest } from "@ml-intern/messages";
import type { ChatResponseFormat } from "./chat-types.ts";

/** The schema that the whole answer has to follow; null when the request names none. It is up to the endpoint to keep to it. */
export function responseFormat(request: MessagesRequest): ChatResponseFormat | null {
  const { output_config: config } = request as {
    readonly output_config?: { readonly format?: { readonly schema: Schema } | null } | null;
  };
  if (!config?.format) return null;
  return { type: "json_schema", json_schema: { name: "answer", strict: true, schema: config.format.schema } };
}

type Schema = ChatResponseFormat["json_schema"]["schema"];
