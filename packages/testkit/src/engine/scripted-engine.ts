import { setTimeout } from "node:timers/promises";
import type { CountTokensRequest, MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import { nextAnswer, type Script, type ScriptedTurn } from "../scripted-turn.ts";
import { turnEvents } from "./turn-events.ts";

/**
 * What a scripted engine does with a request: answer with a turn, with literal events, fail (at once, or after some
 * events), or fall silent until it is aborted.
 */
export type ScriptedAnswer =
  | ScriptedTurn
  | { readonly events: readonly MessageStreamEvent[] }
  | { readonly fails: unknown; readonly after?: readonly MessageStreamEvent[] }
  | { readonly hangs: true; readonly after?: readonly MessageStreamEvent[] };

export interface ScriptedEngineOptions {
  /** Default `scripted`. */
  readonly name?: string;
  /** Names of the models that it lists; default `default`. It answers to any name. */
  readonly models?: readonly string[];
  /** Characters in a delta; default 8. */
  readonly chunkSize?: number;
  /** Milliseconds before each event, for a model that takes its time; default none. */
  readonly pauseMs?: number;
  /** False for sessions so long that their requests would fill the memory; default true. */
  readonly keepsRequests?: boolean;
}

/** Fits the gateway's `Engine`. */
export interface ScriptedEngine {
  readonly name: string;
  /** Every request that was made of it, as it received them. */
  readonly requests: readonly MessagesRequest[];
  /** Answers that are under way: begun, and neither finished nor stopped. */
  readonly running: number;
  generate(
    request: MessagesRequest,
    options: { readonly signal: AbortSignal; readonly headers: Headers },
  ): AsyncIterable<MessageStreamEvent>;
  countTokens(request: CountTokensRequest): Promise<number>;
  listModels(): Promise<readonly ScriptedModel[]>;
  /** Resolves when no answer is under way any more. */
  idle(): Promise<void>;
}

export interface ScriptedModel {
  readonly id: string;
  readonly displayName: string;
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly supportsImages: boolean;
  readonly supportsThinking: boolean;
}

/** An engine that answers from a script, without any model. */
export function scriptedEngine(
  script: Script<MessagesRequest, ScriptedAnswer>,
  {
    name = "scripted",
    models = ["default"],
    chunkSize = 8,
    pauseMs = 0,
    keepsRequests = true,
  }: ScriptedEngineOptions = {},
): ScriptedEngine {
  const requests: MessagesRequest[] = [];
  let count = 0;
  let running = 0;
  let waiting: (() => void)[] = [];

  async function* generate(
    request: MessagesRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<MessageStreamEvent> {
    const index = count++;
    if (keepsRequests) requests.push(request);
    running++;
    try {
      const answer = nextAnswer(script, request, index);
      const turn = { id: `msg_scripted_${index + 1}`, model: request.model, chunkSize };
      for (const event of eventsOf(answer, turn)) {
        await (pauseMs === 0 ? Promise.resolve() : setTimeout(pauseMs, null, { signal }));
        signal.throwIfAborted();
        yield event;
      }
      if ("fails" in answer) throw answer.fails;
      if ("hangs" in answer) await untilAborted(signal);
    } finally {
      running--;
      if (running === 0) {
        for (const resolve of waiting) resolve();
        waiting = [];
      }
    }
  }

  return {
    name,
    requests,
    get running() {
      return running;
    },
    generate,
    countTokens: async (request) => Math.ceil(JSON.stringify(request.messages).length / 4),
    listModels: async () => models.map(modelOf),
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

function eventsOf(
  answer: ScriptedAnswer,
  turn: Parameters<typeof turnEvents>[1],
): Iterable<MessageStreamEvent> {
  if ("events" in answer) return answer.events;
  if ("fails" in answer || "hangs" in answer) return answer.after ?? [];
  return turnEvents(answer, turn);
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function modelOf(id: string): ScriptedModel {
  return {
    id,
    displayName: `Scripted ${id}`,
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    supportsImages: true,
    supportsThinking: true,
  };
}
