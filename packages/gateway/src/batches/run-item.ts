import { setTimeout as sleep } from "node:timers/promises";
import { apiErrorBody, type Message } from "@ml-intern/messages";
import { createId } from "../create-id.ts";
import { invalidRequest } from "../gateway-error.ts";
import { type ApiError, toApiError } from "../to-api-error.ts";
import type { BatchItem, BatchResult } from "./batch-item.ts";

/** Answers one request as `POST /v1/messages` would. Throws what the route would answer as an error. */
export type AnswerItem = (
  params: Readonly<Record<string, unknown>>,
  context: {
    readonly workspace: string;
    /** The name of the key that created the batch. */
    readonly key: string | null;
    readonly headers: Headers;
    readonly signal: AbortSignal;
  },
) => Promise<Message>;

export interface RunItemOptions {
  readonly answer: AnswerItem;
  readonly workspace: string;
  readonly key: string | null;
  readonly headers: Headers;
  /** Ends the work without a result: the process stops. */
  readonly signal: AbortSignal;
  /** Ends the waiting between attempts: the batch is cancelled or has expired. */
  readonly hurry: AbortSignal;
}

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Answers one request of a batch, again a few times when the failure is one that may pass by itself. Null when it was
 * given up between two attempts because of `hurry`. Throws only when `signal` aborts.
 */
export async function runItem(
  { params }: BatchItem,
  { answer, workspace, key, headers, signal, hurry }: RunItemOptions,
): Promise<BatchResult | null> {
  for (let attempt = 1; ; ) {
    try {
      refuseUnbatchable(params);
      const message = await answer(params, { workspace, key, headers, signal });
      return {
        type: "succeeded",
        message: { ...message, usage: { ...message.usage, service_tier: "batch" } },
      };
    } catch (error) {
      signal.throwIfAborted();
      const failure = toApiError(error);
      // A server that is full says nothing about the request: it is asked for as long as the batch lives.
      const isFull = failure.status === 429 || failure.status === 529;
      if (!passes(failure) || (!isFull && attempt === ATTEMPTS)) {
        return { type: "errored", error: apiErrorBody(failure.detail, createId("req")) };
      }
      attempt = Math.min(attempt + 1, ATTEMPTS);
      if (await isHurried(pauseBefore(attempt, failure), { signal, hurry })) return null;
    }
  }
}

function refuseUnbatchable(params: Readonly<Record<string, unknown>>): void {
  if (params.stream === true) throw invalidRequest("stream: streaming is not supported in a batch");
  if (params.max_tokens === 0) throw invalidRequest("max_tokens: 0 is not supported in a batch");
  if (params.speed !== undefined && params.speed !== null) {
    throw invalidRequest("speed: Extra inputs are not permitted in a batch");
  }
}

/** Whether the same request may succeed later. */
function passes({ status, headers }: ApiError): boolean {
  if (headers["x-should-retry"] === "false") return false;
  return status === 408 || status === 409 || status === 429 || status > 500;
}

function pauseBefore(attempt: number, { headers }: ApiError): number {
  const asked = Number(headers["retry-after"] ?? 0) * 1000;
  const grown = FIRST_PAUSE_MS * 2 ** (attempt - 2);
  return Math.min(Math.max(Number.isFinite(asked) ? asked : 0, grown), LONGEST_PAUSE_MS);
}

async function isHurried(
  ms: number,
  { signal, hurry }: Pick<RunItemOptions, "signal" | "hurry">,
): Promise<boolean> {
  await sleep(ms, undefined, { signal: AbortSignal.any([signal, hurry]) }).catch(() => {});
  signal.throwIfAborted();
  return hurry.aborted;
}
