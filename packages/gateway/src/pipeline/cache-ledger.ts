import { setImmediate } from "node:timers/promises";
import type { CountTokensRequest } from "@ml-intern/messages";
import type { CachePlan } from "../cache/cache-plan.ts";
import type { PromptCache } from "../cache/create-prompt-cache.ts";
import { marksCache } from "../limits/marks-cache.ts";
import type { RequestNotes } from "../routes/gateway-env.ts";
import { measureBySize } from "./measure-by-size.ts";
import type { Candidate } from "./resolve-models.ts";

/** A prompt of more blocks is not followed: nobody should wait for it. */
const MOST_BLOCKS = 5_000;

export interface CacheLedgerOptions {
  readonly promptCache: PromptCache;
  readonly workspace: string;
  /** When the request arrived, by the cache's clock. */
  readonly startedAt: number;
  /** Say what the upstream has counted, and learn how much was promised. */
  readonly notes: RequestNotes;
}

/** What the upstream's cache owes to one relayed request. */
export interface CacheLedger {
  /** The upstream has said something of tokens; the notes have it. From then on others may find what was written. */
  counted(): void;
}

/**
 * Follows the cache of an upstream that keeps the API's contract itself: which earlier prompt a request should find there,
 * by our own account of what the upstream said it has written. Null where nothing is marked, and for a body that nobody
 * can read: relayed requests are not validated. Never rejects, and waits until the request has been sent.
 */
export async function cacheLedgerOf(
  { fullName: model }: Candidate,
  body: object,
  { promptCache, workspace, startedAt, notes }: CacheLedgerOptions,
): Promise<CacheLedger | null> {
  await setImmediate();
  try {
    // Should it be anything else, what reads it throws.
    const request = body as CountTokensRequest;
    if (!marksCache(request) || blocksOf(request) > MOST_BLOCKS) return null;
    const plan = await promptCache.plan(request, {
      ...{ workspace, model, startedAt },
      measure: async (places) => measureBySize(request, places),
    });
    return ledgerOf(plan, notes);
  } catch {
    // Whatever is wrong with the body, the upstream has an answer to it.
    return null;
  }
}

function ledgerOf(plan: CachePlan, notes: RequestNotes): CacheLedger {
  return {
    counted() {
      const read = count(notes.cache_read_input_tokens);
      const written = count(notes.cache_creation_input_tokens);
      const total = count(notes.input_tokens) + read + written;
      const promised = plan.counted({ total, read: null }).cacheReadTokens;
      if (promised > 0) notes.cache_promised_tokens = promised;
      // What neither found nor wrote anything has left nothing behind to be found.
      if (read + written > 0) plan.begun();
    },
  };
}

/** An upstream's counts are whatever it writes. */
function count(tokens: number | undefined): number {
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0;
}

function blocksOf({ tools, system, messages }: CountTokensRequest): number {
  const lists = [tools, system, ...messages.map(({ content }) => content)];
  return lists.reduce((sum, list) => sum + (Array.isArray(list) ? list.length : 1), 0);
}
