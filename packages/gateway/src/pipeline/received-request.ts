import type { CountTokensRequest, MessagesRequest } from "@ml-intern/messages";
import { sessionOf } from "../metering/session-of.ts";
import type { RequestNotes } from "../routes/gateway-env.ts";
import { readBodyAsSent } from "../validation/read-body.ts";
import type { AdmittedBody } from "./admitted.ts";
import { type Candidate, type ModelNames, type ResolveModels, unknownModel } from "./resolve-models.ts";

/** A name is what a client writes: it must not fill the log. */
const MAX_NOTED = 256;

export interface ReceiveOptions<T> {
  readonly validate: (body: unknown, headers: Headers) => T;
  readonly resolveModels: ResolveModels;
  readonly names: ModelNames;
  readonly maxBodyBytes: number;
  /** Learns the model's name, also where nobody answers to it, and the session's. */
  readonly notes: RequestNotes;
}

/** A body that has been read, and who may answer it. */
export interface ReceivedRequest<T> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The body as it came; of its fields only `model` is known to be right. */
  readonly body: AdmittedBody & { readonly stream?: unknown };
  /** At least one. */
  readonly candidates: readonly Candidate[];
  /** The request once it is known to keep the API's rules. Throws a `GatewayError` that names the first fault. */
  readonly validated: () => T;
}

/**
 * Reads a request and finds out who may answer it. It is validated here unless the first candidate's upstream does that
 * itself. Throws a `GatewayError`.
 */
export async function receiveRequest<T extends MessagesRequest | CountTokensRequest>(
  request: Request,
  { validate, resolveModels, names, maxBodyBytes, notes }: ReceiveOptions<T>,
): Promise<ReceivedRequest<T>> {
  const { bytes, value } = await readBodyAsSent(request, { maxBytes: maxBodyBytes });
  let checked: T | null = null;
  const validated = (): T => {
    checked ??= validate(value, request.headers);
    return checked;
  };
  const model = modelOf(value) ?? validated().model;
  notes.model = model.slice(0, MAX_NOTED);
  const session = sessionOf({ headers: request.headers, body: value });
  if (session !== null) notes.session = session;
  const candidates = resolveModels(model);
  if (!candidates[0]?.engine.relay) validated();
  if (candidates.length === 0) throw unknownModel(model, names);
  return { bytes, body: { ...(value as object), model }, candidates, validated };
}

function modelOf(body: unknown): string | null {
  if (typeof body !== "object" || body === null || !("model" in body)) return null;
  return typeof body.model === "string" && body.model !== "" ? body.model : null;
}
