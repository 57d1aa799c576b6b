const MINUTE_MS = 60_000;

/** What was taken out ahead of time; it is settled once. */
export interface Reservation {
  readonly amount: number;
  /** What can still be put back, in the measure of the moment when it was taken. */
  readonly claim: number;
  readonly epoch: number;
}

/**
 * A bucket that holds `capacity` and fills up evenly within a minute. However it is used, what is taken and not put back
 * in any stretch of time is at most the capacity and what flowed in meanwhile.
 *
 * To keep that promise, what is put back late counts less: as the bucket fills up again, the claims of those who could still
 * put something back shrink, so that content and claims together never exceed the capacity.
 */
export class TokenBucket {
  readonly capacity: number;
  #level: number;
  #at: number;
  /** Sum of all claims, as they are worth now. */
  #claims = 0;
  /** How much a claim that was worth 1 at the start of the epoch is worth now. */
  #scale = 1;
  #epoch = 0;

  constructor(capacity: number, now: number) {
    this.capacity = capacity;
    this.#level = capacity;
    this.#at = now;
  }

  /** What can be taken now; below 0 when more was used than had been reserved. */
  level(now: number): number {
    this.#fill(now);
    return this.#level;
  }

  /** Milliseconds until `amount` can be taken if nobody else takes anything; Infinity for more than the bucket holds. */
  waitFor(amount: number, now: number): number {
    if (amount > this.capacity) return Number.POSITIVE_INFINITY;
    const missing = amount - this.level(now);
    return missing <= 0 ? 0 : (missing / this.capacity) * MINUTE_MS;
  }

  /** When the bucket will be full, in milliseconds since 1970. */
  fullAt(now: number): number {
    return now + this.waitFor(this.capacity, now);
  }

  /** Takes `amount` out. Whether there is enough is for the caller to ask before. */
  reserve(amount: number, now: number): Reservation {
    this.#fill(now);
    this.#level -= amount;
    this.#claims += amount;
    return { amount, claim: amount / this.#scale, epoch: this.#epoch };
  }

  /** Replaces the reserved amount by what was used. */
  settle({ amount, claim, epoch }: Reservation, used: number, now: number): void {
    this.#fill(now);
    const worth = epoch === this.#epoch ? claim * this.#scale : 0;
    this.#claims = Math.max(0, this.#claims - worth);
    this.#level += Math.min(amount - used, worth);
  }

  #fill(now: number): void {
    // A clock that is set back must not empty the bucket.
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#level = Math.min(this.capacity, this.#level + (elapsed / MINUTE_MS) * this.capacity);
    const room = this.capacity - this.#level;
    if (this.#claims <= room) return;
    if (room <= 0) {
      this.#epoch++;
      this.#scale = 1;
    } else {
      this.#scale *= room / this.#claims;
    }
    this.#claims = room;
  }
}
