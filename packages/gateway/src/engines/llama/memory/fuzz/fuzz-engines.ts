import { isDeepStrictEqual } from "node:util";
import { collectMessage, type Message, type MessagesRequest } from "@ml-intern/messages";
import { createPromptCache, type PromptCache } from "../../../../cache/create-prompt-cache.ts";
import { MemoryEntryStore } from "../../../../cache/entries/memory-entry-store.ts";
import { minimumTokens } from "../../../../cache/minimum-tokens.ts";
import { cachePlanOf, withCachePlan } from "../../../../pipeline/with-cache-plan.ts";
import { within } from "../../../../streaming/within.ts";
import { createLlamaEngine, type LlamaEngine } from "../../create-llama-engine.ts";
import type { LlamaEngineOptions } from "../../llama-engine-options.ts";
import type { FuzzRequest } from "./random-conversation.ts";

/** What an answer says, without what may differ: ids, and how the prompt's tokens are split. */
export interface Answer {
  readonly content: Message["content"];
  readonly stopReason: Message["stop_reason"];
  readonly promptTokens: number;
  readonly outputTokens: number;
}

export type Outcome =
  | { readonly kind: "answered"; readonly answer: Answer }
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "hangs" };

/** Far more than anything takes, on a machine with other work. */
export const HANG_MS = 60_000;

export const WINDOW = 4096;

/** An engine as a gateway has it: requests with markers get their plan from a prompt cache. */
export class FuzzEngine {
  readonly #engine: LlamaEngine;
  readonly #promptCache: PromptCache;

  constructor(path: string, options: Partial<LlamaEngineOptions>) {
    this.#engine = createLlamaEngine({
      models: { tiny: { path } },
      contextSize: WINDOW,
      newId: (prefix) => `${prefix}_1`,
      ...options,
    });
    this.#promptCache = createPromptCache({
      now: Date.now,
      store: new MemoryEntryStore(),
      minimumTokens: minimumTokens(),
    });
  }

  async ask({ request, leaves }: FuzzRequest, workspace: string): Promise<Outcome> {
    const leaving = new AbortController();
    const timer =
      leaves?.kind === "aborts"
        ? setTimeout(() => leaving.abort(new Error("The client left")), leaves.afterMs)
        : undefined;
    let outcome: Outcome = { kind: "hangs" };
    const asking = this.#ask(request, { leaves, workspace, signal: leaving.signal }).then(
      (answer) => {
        outcome = answer ? { kind: "answered", answer } : { kind: "left" };
      },
      (error: unknown) => {
        outcome = leaving.signal.aborted ? { kind: "left" } : { kind: "failed", error };
      },
    );
    await within(asking, HANG_MS);
    clearTimeout(timer);
    return outcome;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  async #ask(
    request: MessagesRequest,
    {
      leaves,
      ...asked
    }: { readonly leaves: FuzzRequest["leaves"]; readonly workspace: string; readonly signal: AbortSignal },
  ): Promise<Answer | null> {
    const options = { ...asked, headers: new Headers() };
    const candidate = { name: "tiny", fullName: "llama/tiny", engine: this.#engine };
    const cache = await cachePlanOf(candidate, request, { ...options, promptCache: this.#promptCache });
    const events = this.#engine.generate(request, { ...options, cache });
    const planned = cache ? withCachePlan(events, cache) : events;
    if (leaves?.kind !== "returns") return answerOf(await collectMessage(planned));
    let seen = 0;
    for await (const _ of planned) if (++seen === leaves.afterEvents) break;
    return null;
  }
}

export function sameAnswer(one: Answer, other: Answer): boolean {
  return isDeepStrictEqual(one, other);
}

function answerOf({ content, stop_reason, usage }: Message): Answer {
  const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } = usage;
  return {
    content,
    stopReason: stop_reason,
    promptTokens: input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0),
    outputTokens: output_tokens,
  };
}
