import type { CountTokensRequest } from "@ml-intern/messages";
import { invalidRequest } from "../../../gateway-error.ts";
import { answerSchema } from "../../answer-schema.ts";
import { jsonSchemaToGbnf } from "../grammar/json-schema-to-gbnf.ts";

/**
 * The grammar of an answer that has to follow a schema; null when it may be any text. Throws `invalid_request` for a
 * schema that no grammar can keep.
 */
export function answerGrammar(request: CountTokensRequest): string | null {
  const schema = answerSchema(request);
  if (schema === null) return null;
  const onUnsupported = (keyword: string): never => {
    throw invalidRequest(
      `output_config.format.schema: an embedded model cannot keep to \`${keyword}\` in this way; leave it out`,
    );
  };
  return jsonSchemaToGbnf(schema, { onUnsupported });
}
