import type { MessagesRequest } from "@ml-intern/messages";
import { validateCreate } from "../../validation/validate-request.ts";
import type { CachePlan } from "../cache-plan.ts";
import { createPromptCache, type PlanOptions } from "../create-prompt-cache.ts";
import type { EntryStore } from "../entries/entry-store.ts";
import { MemoryEntryStore } from "../entries/memory-entry-store.ts";
import type { PromptHolder } from "../held-prompts.ts";
import { measureByLength } from "./measure-by-length.ts";

/** What became of a prompt: tokens read, written for five minutes and for an hour, and neither. */
export type Split = readonly [read: number, fiveMinutes: number, hour: number, input: number];

export interface AskOptions extends Partial<PlanOptions> {
  /** Seconds; the clock is set to it. */
  readonly at?: number;
}

export interface TestCache {
  /** Plans a request that begins now, or at `at`. Refuses what the server would refuse. */
  plan(body: object, options?: AskOptions): Promise<CachePlan>;
  /** A request that is answered at once. */
  ask(body: object, options?: AskOptions): Promise<Split>;
  readonly prompts: PromptHolder;
}

/** A cache on a clock that tests set, where a token is a character; see `measureByLength`. */
export function testCache({
  minimum = 1,
  store = new MemoryEntryStore(),
}: {
  readonly minimum?: number;
  readonly store?: EntryStore;
} = {}): TestCache {
  let now = 0;
  const cache = createPromptCache({ now: () => now, store, minimumTokens: () => minimum });
  const plan = (body: object, { at = now / 1000, ...options }: AskOptions = {}): Promise<CachePlan> => {
    now = at * 1000;
    const request = validated(body);
    const measure = measureByLength(request);
    return cache.plan(request, { workspace: "w", model: "m", startedAt: now, measure, ...options });
  };
  return {
    plan,
    prompts: cache,
    ask: async (body, options) => {
      const planned = await plan(body, options);
      planned.begun();
      return splitOf(planned);
    },
  };
}

export function splitOf({ usage }: CachePlan): Split {
  const { inputTokens, cacheReadTokens, cacheCreationTokens } = usage;
  return [cacheReadTokens, cacheCreationTokens["5m"], cacheCreationTokens["1h"], inputTokens];
}

export function validated(body: object): MessagesRequest {
  return validateCreate({ model: "m", max_tokens: 1, ...body }, new Headers());
}
