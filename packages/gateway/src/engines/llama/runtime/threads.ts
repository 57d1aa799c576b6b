export interface ThreadsOptions {
  /** What reading, and writing that need not be repeatable, is computed on while the machine has nothing else to do. */
  readonly most: number;
  /** What repeatable answers are written on, always; where it is the same as `most`, so is everything else. */
  readonly steady: number;
  /** Makes llama.cpp use so many from its next evaluation on. */
  readonly use: (threads: number) => void;
  /** Milliseconds of a clock. */
  readonly now?: () => number;
  /** Milliseconds that all of the process's threads have computed. */
  readonly computed?: () => number;
}

/** What is computed: a piece of a prompt, or the next tokens of answers, which may have to be the same each time. */
export type Work = "read" | "write" | "write repeatably";

/**
 * How many threads llama.cpp gets. They wait for one another by spinning, and those for writing are begun anew for each
 * token: on a machine with nothing else to do, all cores are fastest; where others compute as well, one thread
 * too many makes all of them several times slower. So all cores are tried, and when they were not to be had, fewer
 * are used for a while, which is longer each time.
 *
 * Reading has the same bits on any number of threads. Writing has not: a single conversation's attention is
 * summed up by thread. What has to be repeatable is therefore written on a number of threads that never changes.
 */
export class Threads {
  readonly most: number;
  readonly steady: number;
  readonly #options: Required<ThreadsOptions>;
  readonly #supplies: { readonly read: Supply; readonly write: Supply };

  constructor({ now = () => performance.now(), computed = computedMs, ...options }: ThreadsOptions) {
    this.most = options.most;
    this.steady = options.steady;
    this.#options = { now, computed, ...options };
    options.use(options.most);
    this.#supplies = { read: new Supply(this.#options), write: new Supply(this.#options) };
  }

  /** Evaluates on as many threads as there should be cores for. Only one evaluation may run at a time. */
  async run<T>(work: Work, evaluate: () => Promise<T>): Promise<T> {
    const { use, now, computed } = this.#options;
    const isSteady = work === "write repeatably" || this.most === this.steady;
    const supply = isSteady ? null : this.#supplies[work];
    const began = now();
    const before = computed();
    use(supply ? supply.threads() : this.steady);
    try {
      return await evaluate();
    } finally {
      // A context that is made in the meantime must be able to use all of them.
      use(this.most);
      supply?.saw({ ms: now() - began, computed: computed() - before });
    }
  }
}

/** Computing for less time than this says nothing. */
const SAMPLE_MS = 50;
/** The part of the cores that has to be had for all threads to be worth it. */
const ENOUGH = 0.7;
/** How long fewer threads are used before all are tried again. */
const [SHORTEST_WAIT_MS, LONGEST_WAIT_MS] = [500, 30_000];

/** The cores that one kind of work finds, as it turns out. */
class Supply {
  readonly #options: Pick<Required<ThreadsOptions>, "most" | "now">;
  #threads: number;
  #waitMs = SHORTEST_WAIT_MS;
  #triedAt = 0;
  #sample = { ms: 0, computed: 0 };

  constructor(options: Pick<Required<ThreadsOptions>, "most" | "now">) {
    this.#options = options;
    this.#threads = options.most;
  }

  threads(): number {
    const { most, now } = this.#options;
    if (this.#threads < most && now() >= this.#triedAt + this.#waitMs) this.#change(most);
    return this.#threads;
  }

  saw({ ms, computed }: { readonly ms: number; readonly computed: number }): void {
    const { most, now } = this.#options;
    this.#sample = { ms: this.#sample.ms + ms, computed: this.#sample.computed + computed };
    if (this.#sample.ms < SAMPLE_MS) return;
    const cores = this.#sample.computed / this.#sample.ms;
    const isEnough = cores >= this.#threads * ENOUGH;
    if (this.#threads === most) {
      this.#triedAt = now();
      this.#waitMs = isEnough ? SHORTEST_WAIT_MS : Math.min(2 * this.#waitMs, LONGEST_WAIT_MS);
    }
    this.#change(isEnough ? this.#threads : Math.max(1, Math.floor(cores)));
  }

  #change(threads: number): void {
    this.#threads = threads;
    this.#sample = { ms: 0, computed: 0 };
  }
}

function computedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
