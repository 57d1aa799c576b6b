import type { MessagesRequest } from "@ml-intern/messages";
import { answerSchema } from "../answer-schema.ts";
import type { ChatResponseFormat } from "./chat-types.ts";

/** The form that the whole answer has to have; null when the request asks for none. It is up to the endpoint to keep to it. */
export function responseFormat(request: MessagesRequest): ChatResponseFormat | null {
  const schema = answerSchema(request);
  return schema && { type: "json_schema", json_schema: { name: "answer", strict: true, schema } };
}
