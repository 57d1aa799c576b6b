import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import {
  type JsonAnswer,
  type MessagesAnswer,
  type OpenAiAnswer,
  type ScriptedTurn,
  turnChunks,
  turnEvents,
} from "@ml-intern/testkit";

/** What the model behind the gateway does with one request, whichever API it speaks. */
export type ModelAnswer =
  | ScriptedTurn
  /** Says this much, and then reports that it is overloaded, falls silent, or breaks the connection. */
  | { readonly says: ScriptedTurn; readonly breaksOff: "overloaded" | "silence" | "cut" }
  /** Takes the request and never answers. */
  | { readonly waits: true }
  | ModelRefusal;

export interface ModelRefusal {
  readonly refuses: keyof typeof ERROR_TYPES;
  readonly message: string;
  /** In seconds. */
  readonly retryAfter?: number;
}

const ERROR_TYPES = {
  400: "invalid_request_error",
  401: "authentication_error",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
} as const;

const OVERLOADED: ModelRefusal = { refuses: 529, message: "Overloaded" };

/** The answer of an endpoint that speaks Chat Completions. */
export function chatAnswer(answer: ModelAnswer): OpenAiAnswer {
  if ("refuses" in answer) {
    const { refuses: status, message } = answer;
    return refusal(answer, { error: { message, type: ERROR_TYPES[status], code: status } });
  }
  if ("waits" in answer) return { failure: "slow" };
  if (!("breaksOff" in answer)) return answer;
  const chunks = turnChunks(answer.says, { includeUsage: false }).slice(0, -1);
  if (answer.breaksOff === "silence") return { failure: "stall", chunks };
  if (answer.breaksOff === "cut") return { failure: "cut", chunks };
  const error = { message: OVERLOADED.message, code: OVERLOADED.refuses };
  return { chunks: [...chunks, { error }], done: false };
}

/** The answer of an endpoint that speaks the Messages API. */
export function messagesAnswer(answer: ModelAnswer, { model, stream }: MessagesRequest): MessagesAnswer {
  if ("refuses" in answer) return refusal(answer, errorBody(answer));
  if ("waits" in answer) return { failure: "slow" };
  if (!("breaksOff" in answer)) return answer;
  if (stream !== true) return wholeFailure(answer.breaksOff);
  const events = unfinished([...turnEvents(answer.says, { model })]);
  if (answer.breaksOff === "silence") return { events, ending: "stall" };
  if (answer.breaksOff === "cut") return { events, ending: "cut" };
  return { events: [...events, errorBody(OVERLOADED)] };
}

/** Where nothing is streamed, what breaks off has not begun. */
function wholeFailure(breaksOff: "overloaded" | "silence" | "cut"): MessagesAnswer {
  if (breaksOff === "overloaded") return refusal(OVERLOADED, errorBody(OVERLOADED));
  return { failure: breaksOff === "cut" ? "refuse" : "slow" };
}

/** Without the end of the message and of its last block. */
function unfinished(events: readonly MessageStreamEvent[]): readonly { readonly type: string }[] {
  return events.slice(0, -3);
}

function errorBody({ refuses, message }: ModelRefusal): { readonly type: string; readonly error: object } {
  return { type: "error", error: { type: ERROR_TYPES[refuses], message } };
}

function refusal({ refuses: status, retryAfter }: ModelRefusal, json: unknown): JsonAnswer {
  return {
    status,
    json,
    ...(retryAfter === undefined ? {} : { headers: { "retry-after": String(retryAfter) } }),
  };
}
