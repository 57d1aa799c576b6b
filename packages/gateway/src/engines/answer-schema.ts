import type { CountTokensRequest } from "@ml-intern/messages";

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema that the whole answer has to follow (`output_config.format`); null when the request names none. */
export function answerSchema(request: CountTokensRequest): Schema | null {
  const { output_config: config } = request as {
    readonly output_config?: { readonly format?: { readonly schema: Schema } | null } | null;
  };
  return config?.format?.schema ?? null;
}
