import { toApiError } from "../to-api-error.ts";

/**
 * Whether a failure lies with who was asked rather than with the request, so that somebody else may do better: a key,
 * an account or a model that is missing, a limit that is reached, a server that is down, slow or broken.
 */
export function anotherMayAnswer(status: number): boolean {
  return status >= 500 || [401, 402, 403, 404, 408, 429].includes(status);
}

/** The status that a failure would have as a response. */
export function statusOf(error: unknown): number {
  return toApiError(error).status;
}
