import type { MeteredRequest, Metering } from "../metering/metered-request.ts";
import { sessionOf } from "../metering/session-of.ts";
import { type RunMessageOptions, runMessage } from "../pipeline/run-message.ts";
import type { RequestNotes } from "../routes/gateway-env.ts";
import { noteFailure } from "../routes/note-failure.ts";
import { toApiError } from "../to-api-error.ts";
import { validateCreate } from "../validation/validate-request.ts";
import type { AnswerItem } from "./run-item.ts";

export interface AnswerItemOptions
  extends Pick<RunMessageOptions, "resolveModels" | "names" | "admit" | "signer"> {
  readonly metering?: Metering | undefined;
  readonly newId: (prefix: "req") => string;
}

/** Answers requests of batches the way of every request, and meters each attempt. */
export function answerItem({ metering, newId, ...pipeline }: AnswerItemOptions): AnswerItem {
  return async (params, { workspace, key, headers, signal }) => {
    const request = validateCreate(params, headers);
    const session = sessionOf({ headers, body: params });
    const notes: RequestNotes = { workspace, model: request.model };
    if (key !== null) notes.key = key;
    if (session !== null) notes.session = session;
    const record = (status: MeteredRequest["status"]): void =>
      metering?.record({ ...notes, request_id: newId("req"), status, batch: true });
    try {
      const message = await runMessage(request, { ...pipeline, workspace, headers, signal, notes });
      record(200);
      return message;
    } catch (error) {
      noteFailure(error, notes);
      record(toApiError(error).status);
      throw error;
    }
  };
}
