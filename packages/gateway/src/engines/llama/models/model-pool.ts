import { GatewayError } from "../../../gateway-error.ts";
import { orAborted } from "../../../streaming/or-aborted.ts";

/** Something that takes memory and can be closed. */
export interface Poolable {
  readonly bytes: number;
  close(): Promise<void>;
}

/** A model that stays in memory until it is released. */
export interface Lease<T> {
  readonly model: T;
  /** Does nothing the second time. */
  release(): void;
}

export interface ModelPoolOptions<T> {
  /** Bytes that all models may take together. */
  readonly memoryLimit: number;
  /** What loading the model is going to take. */
  readonly measure: (name: string) => Promise<number>;
  readonly load: (name: string) => Promise<T>;
  readonly onUnload?: (name: string) => void;
}

interface Entry<T> {
  readonly name: string;
  readonly loaded: Promise<T>;
  readonly bytes: number;
  users: number;
  usedAt: number;
  /** Closed as soon as nobody uses it. */
  isUnwanted: boolean;
}

/**
 * Keeps models in memory: each is loaded when it is first asked for, and stays. When another needs the room, the one
 * that nobody has used for longest goes.
 */
export class ModelPool<T extends Poolable> {
  readonly #options: ModelPoolOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  /** Loading changes what room there is, so it is decided one model at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #clock = 0;
  #isClosed = false;

  constructor(options: ModelPoolOptions<T>) {
    this.#options = options;
  }

  /** Throws a `GatewayError`: what `load` throws, or 529 when others are using all the memory. */
  async acquire(name: string, { signal }: { readonly signal: AbortSignal }): Promise<Lease<T>> {
    signal.throwIfAborted();
    const entry = this.#current(name) ?? (await this.#inTurn(() => this.#current(name) ?? this.#open(name)));
    entry.users++;
    try {
      const model = await orAborted(entry.loaded, signal);
      return { model, release: once(() => this.#release(entry)) };
    } catch (error) {
      this.#release(entry);
      throw error;
    }
  }

  /** Those that are in memory, once they are. */
  async loaded(): Promise<readonly { readonly name: string; readonly model: T }[]> {
    const models = [...this.#entries.values()].map(async ({ name, loaded }) => {
      const model = await loaded.catch(() => null);
      return model ? [{ name, model }] : [];
    });
    return (await Promise.all(models)).flat();
  }

  /** Closes a model that is broken once its users are done; it is loaded anew when it is asked for again. */
  discard(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    entry.isUnwanted = true;
    this.#entries.delete(name);
    if (entry.users === 0) void this.#unload(entry);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn.catch(() => {});
    await Promise.all([...this.#entries.values()].map((entry) => this.#unload(entry)));
  }

  #current(name: string): Entry<T> | undefined {
    if (this.#isClosed) throw new Error("The engine is closed");
    return this.#entries.get(name);
  }

  async #open(name: string): Promise<Entry<T>> {
    const bytes = await this.#options.measure(name);
    await this.#makeRoom(bytes);
    const loaded = this.#options.load(name);
    const entry: Entry<T> = { name, loaded, bytes, users: 0, usedAt: 0, isUnwanted: false };
    this.#entries.set(name, entry);
    loaded.catch(() => {
      if (this.#entries.get(name) === entry) this.#entries.delete(name);
    });
    return entry;
  }

  async #makeRoom(bytes: number): Promise<void> {
    const { memoryLimit } = this.#options;
    for (;;) {
      const entries = [...this.#entries.values()];
      const taken = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      // A model that is too large for the limit by itself may be tried: llama.cpp says so when it does not fit.
      if (taken === 0 || taken + bytes <= memoryLimit) return;
      const idle = entries.filter(({ users }) => users === 0).sort((a, b) => a.usedAt - b.usedAt)[0];
      if (!idle) throw noRoom();
      await this.#unload(idle);
    }
  }

  #release(entry: Entry<T>): void {
    entry.users--;
    entry.usedAt = ++this.#clock;
    if (entry.users === 0 && entry.isUnwanted) void this.#unload(entry);
  }

  async #unload(entry: Entry<T>): Promise<void> {
    if (this.#entries.get(entry.name) === entry) this.#entries.delete(entry.name);
    const model = await entry.loaded.catch(() => null);
    await model?.close();
    this.#options.onUnload?.(entry.name);
  }

  #inTurn<R>(action: () => R | Promise<R>): Promise<R> {
    const result = this.#turn.then(action, action);
    this.#turn = result.catch(() => {});
    return result;
  }
}

function noRoom(): GatewayError {
  return new GatewayError("Overloaded: other models that are in use take all the memory", {
    code: "overloaded",
    status: 529,
    type: "overloaded_error",
    mend: "Try again later, or raise the memory limit of the embedded engine.",
    headers: { "retry-after": "10" },
  });
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
