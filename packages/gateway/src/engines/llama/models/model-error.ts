import { GatewayError } from "../../../gateway-error.ts";

/** A model that cannot be used as things are: its file, or the machine, has to change first. */
export function modelUnusable(model: string, cause: string, mend: string, error?: unknown): GatewayError {
  return new GatewayError(`The model ${model} cannot be used: ${cause}`, {
    code: "model_unusable",
    status: 500,
    type: "api_error",
    mend,
    // Trying again changes nothing, and clients would.
    headers: { "x-should-retry": "false" },
    cause: error,
  });
}
