import type { GatewayLogEntry } from "../create-gateway.ts";
import type { Metering } from "../metering/metered-request.ts";
import { sessionOf } from "../metering/session-of.ts";
import { type RunMessageOptions, runMessage } from "../pipeline/run-message.ts";
import type { RequestNotes } from "../routes/gateway-env.ts";
import { noteFailure } from "../routes/note-failure.ts";
import { toApiError } from "../to-api-error.ts";
import { validateCreate } from "../validation/validate-request.ts";
import type { AnswerItem } from "./run-item.ts";

export interface AnswerItemOptions
  extends Pick<
    RunMessageOptions,
    "resolveModels" | "names" | "admit" | "signer" | "diagnostics" | "promptCache"
  > {
  readonly log: (entry: GatewayLogEntry) => void;
  readonly metering?: Metering | undefined;
  readonly now: () => number;
  readonly newId: (prefix: "req") => string;
}

/** Answers requests of batches the way of every request, and logs and meters each attempt. */
export function answerItem({ log, metering, now, newId, ...pipeline }: AnswerItemOptions): AnswerItem {
  return async (params, { workspace, key, headers, signal }) => {
    const request = validateCreate(params, headers);
    const session = sessionOf({ headers, body: params });
    const startedAt = now();
    const notes: RequestNotes = { workspace, model: request.model, batch: true };
    if (key !== null) notes.key = key;
    if (session !== null) notes.session = session;
    const ended = (status: number): void => {
      const request_id = newId("req");
      const duration_ms = now() - startedAt;
      log({ request_id, method: "POST", path: "/v1/messages", status, duration_ms, ...notes });
      metering?.record({ ...notes, request_id, status, batch: true });
    };
    const onDivergence = (path: string): void => {
      notes.cache_miss_at = path;
    };
    const options = { ...pipeline, workspace, headers, signal, notes, startedAt, onDivergence };
    try {
      const message = await runMessage(request, options);
      ended(200);
      return message;
    } catch (error) {
      noteFailure(error, notes);
      ended(toApiError(error).status);
      throw error;
    }
  };
}
