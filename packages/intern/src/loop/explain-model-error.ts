import { APIError } from "@anthropic-ai/sdk";
import { InternError } from "../failures/intern-error.ts";

/** What a failed model call means to the person, and what they can do. */
export function explainModelError(error: unknown, model: string): InternError {
  const message = error instanceof APIError ? (error.apiMessage ?? error.message) : String(error);
  const status = error instanceof APIError ? error.status : undefined;
  if (status === 404) {
    return new InternError("model/unknown", `There is no model ${model}: ${message}`, {
      mend: "`ml-intern models` lists what can think here; choose one with --model ENGINE/NAME.",
      cause: error,
    });
  }
  if (status === 401 || status === 403) {
    return new InternError("model/refused", `${model} refused the key: ${message}`, {
      mend: "Check the key's variable (`ml-intern models` names it); then continue with `ml-intern resume`.",
      cause: error,
    });
  }
  if (status === 402) {
    return new InternError("model/no_credit", `${model} asks for payment: ${message}`, {
      mend: "Add credit at the provider, or continue with another model: `ml-intern resume --model …`.",
      cause: error,
    });
  }
  if (isTooLong(error)) {
    return new InternError("model/too_long", `The conversation is too long for ${model}: ${message}`, {
      mend: "Continue with a model that has a larger window: `ml-intern resume --model …`.",
      cause: error,
    });
  }
  return new InternError(
    status === 400 ? "model/failed" : "model/unreachable",
    `${model} did not answer: ${message}`,
    {
      mend: "Nothing is lost. When it works again (`ml-intern models` tells), continue with `ml-intern resume`.",
      cause: error,
    },
  );
}

const TOO_LONG = /prompt is too long|context (length|window|size)|maximum context|too many (input )?tokens/i;

function isTooLong(error: unknown): boolean {
  return error instanceof APIError && TOO_LONG.test(error.apiMessage ?? error.message);
}

export function firstLineOf(error: unknown): string {
  const text = error instanceof APIError ? (error.apiMessage ?? error.message) : String(error);
  return (text.split("\n")[0] ?? "").slice(0, 200);
}
