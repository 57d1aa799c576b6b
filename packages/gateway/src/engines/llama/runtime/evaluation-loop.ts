import type { Threads, Work } from "./threads.ts";

/** One thing to evaluate. */
interface Step {
  /** Null for a piece of a prompt; otherwise what evaluates in one batch, such as a context. */
  readonly group: object | null;
  readonly goesFirst: boolean;
  readonly isRepeatable: boolean;
  readonly start: () => Promise<void>;
}

export interface EvaluationLoopOptions {
  readonly threads: Pick<Threads, "run">;
  readonly now?: () => number;
  /** Lets those who got a result ask for their next step, so that it joins the next round. */
  readonly breathe?: () => Promise<void>;
}

export interface StepOptions {
  /** Takes a step that has not begun out of the queue; one that has begun is finished. */
  readonly signal: AbortSignal;
}

export interface ReadOptions extends StepOptions {
  /** For the two steps on the way to a first token that each conversation has once; default false. */
  readonly goesFirst?: boolean;
}

export interface WriteOptions extends StepOptions {
  /** Whether the answer has to be the same each time; default false. */
  readonly isRepeatable?: boolean;
}

/**
 * Decides what the process evaluates next: there is one loop, so that models and conversations never compete for the
 * same cores. The next tokens of all conversations are evaluated together; pieces of prompts come one at a time and
 * by themselves, since a batch that holds both is computed in another order and would change the model's output.
 * While some write and others read, each kind gets half of the time; but what is remembered of a prompt is
 * placed, and the piece that ends one is read, before anything else. That starves nobody: each conversation does it once,
 * and another begins only where one has ended.
 */
export class EvaluationLoop {
  /** What computing runs on. */
  readonly threads: Pick<Threads, "run">;
  readonly #now: () => number;
  readonly #breathe: () => Promise<void>;
  readonly #steps: Step[] = [];
  /** Milliseconds by which writing is behind reading. */
  #owed = 0;
  #writers = 0;
  #isRunning = false;

  constructor({ threads, now = () => performance.now(), breathe = nextTurn }: EvaluationLoopOptions) {
    this.threads = threads;
    this.#now = now;
    this.#breathe = breathe;
  }

  /** How many conversations are being written at present. */
  get writers(): number {
    return this.#writers;
  }

  /** Counts a conversation among the writers until the returned function is called. */
  enter(): () => void {
    this.#writers++;
    let left = false;
    return () => {
      if (!left) this.#writers--;
      left = true;
    };
  }

  /** Evaluates a piece of a prompt when its turn comes. */
  read<T>(evaluate: () => Promise<T>, options: ReadOptions): Promise<T> {
    return this.#add(null, evaluate, options);
  }

  /** Evaluates the next token of a conversation, together with the others of its group. */
  write<T>(group: object, evaluate: () => Promise<T>, options: WriteOptions): Promise<T> {
    return this.#add(group, evaluate, options);
  }

  #add<T>(
    group: object | null,
    evaluate: () => Promise<T>,
    { signal, goesFirst = false, isRepeatable = false }: ReadOptions & WriteOptions,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        const at = this.#steps.indexOf(step);
        if (at >= 0) this.#steps.splice(at, 1);
        reject(signal.reason);
      };
      const step: Step = {
        group,
        goesFirst,
        isRepeatable,
        start: async () => {
          signal.removeEventListener("abort", leave);
          await evaluate().then(resolve, reject);
        },
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
      this.#steps.push(step);
      if (!this.#isRunning) void this.#run();
    });
  }

  /** Cannot fail: every step reports its own failure to whoever asked for it. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    await this.#breathe();
    while (this.#steps.length > 0) {
      const began = this.#now();
      const round = this.#nextRound();
      const isReading = round[0]?.group === null;
      await (isReading ? startAll(round) : this.threads.run(writing(round), () => startAll(round)));
      const spent = this.#now() - began;
      this.#owed = isReading ? this.#owed + spent : Math.max(0, this.#owed - spent);
      await this.#breathe();
    }
    this.#owed = 0;
    this.#isRunning = false;
  }

  #nextRound(): readonly Step[] {
    const first = this.#steps.find(({ goesFirst }) => goesFirst);
    if (first) return this.#taken([first]);
    const reading = this.#steps.find(({ group }) => group === null);
    const writing = this.#steps.find(({ group }) => group !== null);
    if (!writing) this.#owed = 0;
    const chosen = reading && (this.#owed <= 0 || !writing) ? reading : writing;
    const group = chosen?.group ?? null;
    return this.#taken(group === null ? this.#steps.filter((step) => step === chosen) : this.#inGroup(group));
  }

  /** The same steps, which are not in the queue any more. */
  #taken(round: readonly Step[]): readonly Step[] {
    for (const step of round) this.#steps.splice(this.#steps.indexOf(step), 1);
    return round;
  }

  #inGroup(group: object): readonly Step[] {
    return this.#steps.filter((step) => step.group === group);
  }
}

async function startAll(round: readonly Step[]): Promise<void> {
  await Promise.all(round.map(({ start }) => start()));
}

function writing(round: readonly Step[]): Work {
  return round.some(({ isRepeatable }) => isRepeatable) ? "write repeatably" : "write";
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
