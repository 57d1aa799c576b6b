import type { Demand, LimitedParty, Measure } from "./limits.ts";
import { type Reservation, TokenBucket } from "./token-bucket.ts";

/** Why a request cannot be let in now. */
export interface Shortage {
  readonly owner: string;
  readonly measure: Measure | "concurrent-requests";
  readonly limit: number;
  /** Until it could be let in; Infinity when it never can, null when nobody knows. */
  readonly waitMs: number | null;
}

/** What is left of one measure. */
export interface Remainder {
  readonly measure: Measure;
  readonly limit: number;
  readonly remaining: number;
  /** When all of it will be there again, in milliseconds since 1970. */
  readonly fullAt: number;
}

/** What one party (a key, a workspace, a workspace's use of one model) may still use. */
export class Allowance {
  readonly #owner: string;
  readonly #concurrent: number;
  readonly #buckets: ReadonlyMap<Measure, TokenBucket>;
  #running = 0;

  constructor({ owner, limits }: LimitedParty, now: number) {
    const measured: readonly (readonly [Measure, number | undefined])[] = [
      ["requests", limits.requestsPerMinute],
      ["input-tokens", limits.inputTokensPerMinute],
      ["output-tokens", limits.outputTokensPerMinute],
      ["token-counts", limits.tokenCountsPerMinute],
    ];
    this.#owner = owner;
    this.#concurrent = limits.concurrentRequests ?? Number.POSITIVE_INFINITY;
    this.#buckets = new Map(
      measured.flatMap(([measure, limit]) =>
        limit === undefined ? [] : [[measure, new TokenBucket(limit, now)]],
      ),
    );
  }

  capacity(measure: Measure): number {
    return this.#buckets.get(measure)?.capacity ?? Number.POSITIVE_INFINITY;
  }

  /** The shortage that lasts longest, or null when the demand can be met. */
  shortage(demand: Demand, now: number): Shortage | null {
    const owner = this.#owner;
    let longest: Shortage | null = null;
    for (const [measure, bucket, amount] of this.#asked(demand)) {
      const waitMs = bucket.waitFor(amount, now);
      if (waitMs > (longest?.waitMs ?? 0)) longest = { owner, measure, limit: bucket.capacity, waitMs };
    }
    if (longest || this.#running < this.#concurrent) return longest;
    return { owner, measure: "concurrent-requests", limit: this.#concurrent, waitMs: null };
  }

  /** Takes the demand, and gives back a function that replaces it by what was used, to be called once. */
  take(demand: Demand, now: number): (used: Demand, now: number) => void {
    const taken: readonly (readonly [Measure, TokenBucket, Reservation])[] = this.#asked(demand).map(
      ([measure, bucket, amount]) => [measure, bucket, bucket.reserve(amount, now)],
    );
    this.#running++;
    return (used, at) => {
      this.#running--;
      for (const [measure, bucket, reservation] of taken) bucket.settle(reservation, used[measure] ?? 0, at);
    };
  }

  remainders(now: number): readonly Remainder[] {
    return [...this.#buckets].map(([measure, bucket]) => ({
      measure,
      limit: bucket.capacity,
      remaining: Math.max(0, Math.floor(bucket.level(now))),
      fullAt: bucket.fullAt(now),
    }));
  }

  #asked(demand: Demand): readonly (readonly [Measure, TokenBucket, number])[] {
    return [...this.#buckets].flatMap(([measure, bucket]) => {
      const amount = demand[measure];
      return amount === undefined ? [] : [[measure, bucket, amount]];
    });
  }
}
