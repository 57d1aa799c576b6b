import type { CountTokensRequest } from "@ml-intern/messages";
import type { CachePlan } from "./cache-plan.ts";
import { type CacheEntry, renewed } from "./entries/cache-entry.ts";
import type { EntryStore } from "./entries/entry-store.ts";
import { addedUp, type HeldPrompts, isInScope, type PromptHolder } from "./held-prompts.ts";
import { lookback } from "./lookback.ts";
import { type Measure, measured } from "./measure.ts";
import type { MinimumTokens } from "./minimum-tokens.ts";
import { prefixKeys } from "./prompt/prefix-keys.ts";
import type { CacheTtl, PromptBlock, PromptPlace } from "./prompt/prompt-block.ts";
import { promptBlocks } from "./prompt/prompt-blocks.ts";
import { requestParameters } from "./prompt/request-parameters.ts";
import { splitUsage } from "./split-usage.ts";
import { SteadyClock } from "./steady-clock.ts";

/** A request may have waited this long since it began; what was alive then must still be there. */
const LONGEST_WAIT_MS = 10 * 60_000;

export interface PromptCacheOptions {
  /** The machine's clock, in milliseconds since 1970; it may jump. */
  readonly now: () => number;
  readonly store: EntryStore;
  readonly minimumTokens: MinimumTokens;
}

export interface PlanOptions {
  readonly workspace: string;
  /** With its engine, such as `llama/qwen3`. */
  readonly model: string;
  /** When the request began, by the same clock as `now`. */
  readonly startedAt: number;
  readonly measure: Measure;
}

/** The contract of prompt caching: what is read, written and charged. It holds no state of any engine. */
export interface PromptCache extends PromptHolder {
  /**
   * Decides what the cache does for a validated request. Where the prompt leaves something of the request out, such as
   * earlier thinking, leave it out of `request` too. Rejects only when `measure` or the store does.
   */
  plan(request: CountTokensRequest, options: PlanOptions): Promise<CachePlan>;
}

export function createPromptCache({ now, store, minimumTokens }: PromptCacheOptions): PromptCache {
  const clock = new SteadyClock(now);
  /** How often entries of a workspace were cleared; of null, of several. */
  const clears = new Map<string | null, number>();
  const clearsOf = (workspace: string): number => (clears.get(workspace) ?? 0) + (clears.get(null) ?? 0);
  return {
    async held() {
      const rows: HeldPrompts[] = [];
      for await (const { workspace, model, tokens, expiresAt } of store.scan()) {
        if (expiresAt > clock.now())
          rows.push({ workspace, model, entries: 1, tokens, memoryBytes: 0, diskBytes: 0 });
      }
      return addedUp(rows);
    },
    async clear(scope) {
      const { workspace = null } = scope;
      clears.set(workspace, (clears.get(workspace) ?? 0) + 1);
      const keys: string[] = [];
      for await (const entry of store.scan()) if (isInScope(entry, scope)) keys.push(entry.key);
      await store.delete(keys);
    },
    async plan(request, options) {
      const { workspace, model } = options;
      const clearsBefore = clearsOf(workspace);
      const start = clock.at(options.startedAt);
      store.expire(clock.now() - LONGEST_WAIT_MS);
      const { steps, found } = await lookUp(request, { ...options, store, start });
      const { total, lengths, hit, readTokens, lostTokens } = await weigh(steps, { ...options, found });
      const least = Math.max(1, minimumTokens(options.model));
      const marked = steps.flatMap(({ block: { marker, place }, key, entry }, at): Marked[] => {
        const tokens = lengths.get(at) ?? 0;
        if (!marker || tokens < least) return [];
        return [{ place, key, tokens, ttl: marker, kept: entry?.ttl === "1h" ? "1h" : marker }];
      });
      return {
        usage: splitUsage({ total, read: readTokens, marked }),
        readTokens,
        lostTokens,
        counted: (counts) => {
          const moved = (tokens: number): number =>
            total === 0 ? 0 : Math.round((tokens * counts.total) / total);
          const read = Math.min(counts.total, counts.read ?? moved(readTokens));
          const places = marked.map(({ tokens, ttl }) => ({ tokens: moved(tokens), ttl }));
          return splitUsage({ total: counts.total, read, marked: places });
        },
        breakpoints: marked.map(({ place, tokens, kept }) => ({ place, tokens, ttl: kept })),
        ...onceBegun(() => {
          // What was cleared since then must not come back.
          if (clearsOf(workspace) !== clearsBefore) return;
          const read = steps.slice(0, hit + 1).flatMap(({ entry }) => entry ?? []);
          const written = marked.map(({ key, tokens, kept }) => ({
            key,
            workspace,
            model,
            tokens,
            ttl: kept,
          }));
          store.put([...read, ...written].map((entry) => renewed(entry, start)));
        }),
      };
    },
  };
}

/** A block up to the last marker, with the entry that ends there and is alive. */
interface Step {
  readonly block: PromptBlock;
  readonly key: string;
  readonly entry: CacheEntry | null;
}

interface Marked {
  readonly place: PromptPlace;
  readonly key: string;
  readonly tokens: number;
  /** What the marker asks for and is charged. */
  readonly ttl: CacheTtl;
  /** How long the entry lives: a shorter marker does not shorten what was written before. */
  readonly kept: CacheTtl;
}

/** What is known of the prompt, and the blocks at which an entry was found, the longest prompt first. */
async function lookUp(
  request: CountTokensRequest,
  options: PlanOptions & { readonly store: EntryStore; readonly start: number },
): Promise<{ readonly steps: readonly Step[]; readonly found: readonly number[] }> {
  const { store, start } = options;
  const all = promptBlocks(request);
  const blocks = all.slice(0, all.findLastIndex(({ marker }) => marker !== null) + 1);
  if (blocks.length === 0) return { steps: [], found: [] };
  const keys = prefixKeys(blocks, { ...options, parameters: requestParameters(request) });
  const entries = await store.find(keys);
  const steps = blocks.map((block, at) => {
    const entry = entries[at] ?? null;
    return { block, key: keys[at] ?? "", entry: entry !== null && entry.expiresAt > start ? entry : null };
  });
  return { steps, found: [...lookback(blocks)].filter((at) => steps[at]?.entry) };
}

interface Weighed {
  /** Tokens of the whole prompt. */
  readonly total: number;
  /** Of it up to each marker and to the hit, by the index of the block. */
  readonly lengths: ReadonlyMap<number, number>;
  /** The block of the prompt that is read; -1 where none is. */
  readonly hit: number;
  readonly readTokens: number;
  readonly lostTokens: number;
}

/** Measures the prompt. What is read is the longest prompt that was found and that the engine still holds. */
async function weigh(
  steps: readonly Step[],
  { measure, found }: { readonly measure: Measure; readonly found: readonly number[] },
): Promise<Weighed> {
  const [longest = -1] = found;
  const first = await lengthsOf(steps, { measure, hit: longest });
  // A tokenizer that estimates may count more now than was written: that part is written today.
  const tokensAt = (at: number, { lengths }: Lengths): number => {
    const written = steps[at]?.entry?.tokens ?? 0;
    return Math.min(lengths.get(at) ?? written, written);
  };
  const hit = found.find((at) => tokensAt(at, first) <= first.held) ?? -1;
  const isMeasured = hit < 0 || first.lengths.has(hit);
  const weighed = isMeasured ? first : await lengthsOf(steps, { measure, hit });
  const readTokens = tokensAt(hit, weighed);
  return { ...weighed, hit, readTokens, lostTokens: Math.max(0, tokensAt(longest, first) - readTokens) };
}

interface Lengths extends Pick<Weighed, "total" | "lengths"> {
  readonly held: number;
}

async function lengthsOf(
  steps: readonly Step[],
  { measure, hit }: { readonly measure: Measure; readonly hit: number },
): Promise<Lengths> {
  const weighed = [...steps.entries()].filter(([at, { block }]) => block.marker !== null || at === hit);
  const {
    total,
    at,
    held = Infinity,
  } = await measured(
    measure,
    weighed.map(([, { block }]) => block.place),
  );
  return { total, held, lengths: new Map(weighed.map(([index], order) => [index, at[order] ?? 0])) };
}

function onceBegun(write: () => void): Pick<CachePlan, "begun" | "abandoned"> {
  let isOpen = true;
  return {
    begun() {
      if (isOpen) write();
      isOpen = false;
    },
    abandoned() {
      isOpen = false;
    },
  };
}
