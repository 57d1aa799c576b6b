import { setTimeout as sleep } from "node:timers/promises";

/** How a host wants to be asked. */
export interface HostManners {
  /** Requests at a time. */
  readonly atOnce: number;
  /** Least time between the beginnings of two requests, in milliseconds. */
  readonly gapMs: number;
}

const MANNERS: HostManners = { atOnce: 6, gapMs: 0 };

interface Gate {
  busy: number;
  /** When the next request may begin. */
  next: number;
  readonly waiting: (() => void)[];
}

/** Lets requests to a host through, as many at a time and as soon after each other as it likes; first come, first served. */
export class HostGates {
  readonly #manners: Readonly<Record<string, HostManners>>;
  readonly #gates = new Map<string, Gate>();
  readonly #now: () => number;

  constructor(manners: Readonly<Record<string, HostManners>> = {}, now: () => number = Date.now) {
    this.#manners = manners;
    this.#now = now;
  }

  /** Resolves when the request may begin; the disposable says that it is over. */
  async enter(host: string, signal: AbortSignal): Promise<Disposable> {
    const { atOnce, gapMs } = this.#manners[host] ?? MANNERS;
    const gate = this.#gates.get(host) ?? { busy: 0, next: 0, waiting: [] };
    this.#gates.set(host, gate);
    signal.throwIfAborted();
    if (gate.busy >= atOnce) await turn(gate, signal);
    else gate.busy++;
    let isOver = false;
    const leave = (): void => {
      if (isOver) return;
      isOver = true;
      const next = gate.waiting.shift();
      // The place is handed on, so that nobody who comes just then can take it.
      if (next === undefined) gate.busy--;
      else next();
    };
    try {
      const now = this.#now();
      const begin = Math.max(now, gate.next);
      gate.next = begin + gapMs;
      if (begin > now) await sleep(begin - now, undefined, { signal });
    } catch (error) {
      leave();
      throw error;
    }
    return { [Symbol.dispose]: leave };
  }
}

function turn(gate: Gate, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = (): void => {
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const stop = (): void => {
      gate.waiting.splice(gate.waiting.indexOf(go), 1);
      reject(signal.reason);
    };
    gate.waiting.push(go);
    signal.addEventListener("abort", stop, { once: true });
  });
}
