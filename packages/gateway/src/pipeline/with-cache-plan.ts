import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { CachePlan } from "../cache/cache-plan.ts";
import type { PromptCache } from "../cache/create-prompt-cache.ts";
import type { GenerateOptions } from "../engines/engine.ts";
import { marksCache } from "../limits/marks-cache.ts";
import { mapped } from "../streaming/mapped.ts";
import type { Candidate } from "./resolve-models.ts";

export interface CachePlanOptions extends GenerateOptions {
  /** Without it nothing is cached. */
  readonly promptCache?: PromptCache | undefined;
  /** When the request arrived, by the cache's clock. */
  readonly startedAt?: number | undefined;
}

/**
 * What the prompt cache does for a request to a candidate; null where nothing is marked, and for engines whose prompts
 * nobody can measure. `request.model` is the model's name at the engine.
 */
export async function cachePlanOf(
  { engine, fullName: model }: Candidate,
  request: MessagesRequest,
  { promptCache, startedAt = Date.now(), ...options }: CachePlanOptions,
): Promise<CachePlan | null> {
  if (!promptCache || !engine.measure || !marksCache(request)) return null;
  const { workspace } = options;
  return await promptCache.plan(request, {
    ...{ workspace, model, startedAt },
    measure: async (places) => {
      const measured = await engine.measure?.(request, places, options);
      return measured ?? { total: 0, at: [] };
    },
  });
}

/** The same events. With the first one, what the request wrote can be found by others. */
export function withCachePlan(
  events: AsyncIterable<MessageStreamEvent>,
  plan: CachePlan,
): AsyncIterableIterator<MessageStreamEvent> {
  return mapped(events, (event) => {
    if (event.type === "message_start") plan.begun();
    return event;
  });
}
