import { GatewayError } from "../../../gateway-error.ts";
import { FairQueue } from "./fair-queue.ts";

/** What happens to requests on their way, for logs and metrics. Times are in milliseconds. */
export type SchedulerEvent =
  | { readonly type: "queued"; readonly workspace: string; readonly lane: string; readonly queued: number }
  | {
      readonly type: "admitted";
      readonly workspace: string;
      readonly lane: string;
      readonly waitedMs: number;
      readonly queued: number;
      readonly running: number;
    }
  | {
      readonly type: "refused";
      readonly workspace: string;
      readonly lane: string;
      readonly reason: RefusalReason;
    }
  | { readonly type: "left"; readonly workspace: string; readonly lane: string; readonly waitedMs: number }
  | {
      readonly type: "finished";
      readonly workspace: string;
      readonly lane: string;
      readonly heldMs: number;
      readonly used: number;
      readonly queued: number;
      readonly running: number;
    };

export type RefusalReason = "queue_full" | "waited_too_long";

export interface SchedulerOptions {
  /** Requests that may wait at the same time; one more is refused. Default 64. */
  readonly maxQueued?: number;
  /** Longest wait; a request that is not admitted by then is refused. Default 2 minutes. */
  readonly maxWaitMs?: number;
  /** Milliseconds; only differences count. */
  readonly now?: () => number;
  readonly onEvent?: (event: SchedulerEvent) => void;
}

export interface AdmitOptions {
  readonly workspace: string;
  /** What the request needs a slot of: a model. */
  readonly lane: string;
  /** How many requests may hold a slot of this lane at the same time. */
  readonly slots: number;
  readonly signal: AbortSignal;
}

/** A slot that is held. */
export interface Ticket {
  /** Counts work done under it, in any unit that is the same for all; what a workspace has used decides its turn. */
  use(amount: number): void;
  /** Gives the slot to the next in line. Does nothing the second time. */
  release(): void;
}

export interface Scheduler {
  /**
   * Waits for a slot. Rejects with an `overloaded_error` (529, with `retry-after`) at once when too many wait already
   * and when the wait gets too long, and with the signal's reason when that aborts. When it is another workspace that
   * fills the queue, the newest of its requests is refused instead.
   */
  admit(options: AdmitOptions): Promise<Ticket>;
  readonly queued: number;
  readonly running: number;
}

interface Place {
  readonly workspace: string;
  readonly lane: string;
  readonly slots: number;
  readonly since: number;
  readonly admit: (ticket: Ticket) => void;
  readonly refuse: (reason: RefusalReason, words: string) => void;
}

const MAX_RETRY_SECONDS = 120;

/** Hands out slots: a bounded queue, fair between workspaces by the work done for them, not by who asks most often. */
export function createScheduler({
  maxQueued = 64,
  maxWaitMs = 120_000,
  now = () => performance.now(),
  onEvent = () => {},
}: SchedulerOptions = {}): Scheduler {
  const queue = new FairQueue<Place>();
  const held = new Map<string, number>();
  let running = 0;
  /** How long a slot is held, as a mean that follows recent requests. */
  let usualMs = 0;

  function startWaiting(): void {
    const canStart = ({ lane, slots }: Place): boolean => (held.get(lane) ?? 0) < slots;
    for (let place = queue.next(canStart); place; place = queue.next(canStart)) start(place);
  }

  function start(place: Place): void {
    const { workspace, lane } = place;
    const since = now();
    let used = 0;
    let released = false;
    running++;
    held.set(lane, (held.get(lane) ?? 0) + 1);
    onEvent({
      type: "admitted",
      workspace,
      lane,
      waitedMs: since - place.since,
      queued: queue.length,
      running,
    });
    place.admit({
      use(amount) {
        used += amount;
        queue.use(workspace, amount);
      },
      release() {
        if (released) return;
        released = true;
        running--;
        const left = (held.get(lane) ?? 1) - 1;
        if (left > 0) held.set(lane, left);
        else held.delete(lane);
        const heldMs = now() - since;
        usualMs = usualMs === 0 ? heldMs : usualMs * 0.8 + heldMs * 0.2;
        queue.finish(place);
        onEvent({ type: "finished", workspace, lane, heldMs, used, queued: queue.length, running });
        startWaiting();
      },
    });
  }

  /** When a slot should be free for one more, as things go at present. */
  function retrySeconds(slots: number): number {
    const seconds = ((queue.length + 1) * usualMs) / Math.max(slots, 1) / 1000;
    return Math.min(Math.max(Math.ceil(seconds), 1), MAX_RETRY_SECONDS);
  }

  async function admit({ workspace, lane, slots, signal }: AdmitOptions): Promise<Ticket> {
    signal.throwIfAborted();
    const since = now();
    const isBusy = (held.get(lane) ?? 0) >= slots;
    if (isBusy && queue.length >= maxQueued) {
      const refused = queue.crowding(workspace);
      if (refused) refused.refuse("queue_full", `${queue.length} requests are waiting already`);
      else {
        onEvent({ type: "refused", workspace, lane, reason: "queue_full" });
        throw overloaded(`${queue.length} requests are waiting already`, retrySeconds(slots));
      }
    }
    return new Promise((resolve, reject) => {
      const place: Place = {
        workspace,
        lane,
        slots,
        since,
        admit: (ticket) => {
          stopWaiting();
          resolve(ticket);
        },
        refuse: (reason, words) => {
          stopWaiting();
          queue.remove(place);
          onEvent({ type: "refused", workspace, lane, reason });
          reject(overloaded(words, retrySeconds(slots)));
        },
      };
      const leave = (): void => {
        stopWaiting();
        queue.remove(place);
        onEvent({ type: "left", workspace, lane, waitedMs: now() - since });
        reject(signal.reason);
      };
      const tooLong = setTimeout(() => {
        place.refuse("waited_too_long", `no slot was free for ${Math.round(maxWaitMs / 1000)} s`);
      }, maxWaitMs);
      function stopWaiting(): void {
        clearTimeout(tooLong);
        signal.removeEventListener("abort", leave);
      }
      signal.addEventListener("abort", leave, { once: true });
      queue.add(place);
      if (isBusy) onEvent({ type: "queued", workspace, lane, queued: queue.length });
      startWaiting();
    });
  }

  return {
    admit,
    get queued() {
      return queue.length;
    },
    get running() {
      return running;
    },
  };
}

function overloaded(reason: string, retrySeconds: number): GatewayError {
  return new GatewayError(`Overloaded: ${reason}`, {
    code: "overloaded",
    status: 529,
    type: "overloaded_error",
    mend: "Try again later.",
    headers: { "retry-after": String(retrySeconds) },
  });
}
