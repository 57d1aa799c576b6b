import { join } from "node:path";
import {
  type Contract,
  type Dataset,
  type Environment,
  type EnvironmentName,
  type Interpreter,
  type Ledger,
  openDataset,
  openInterpreter,
  openLedger,
  openSandbox,
  provisionEnvironment,
  readContract,
  type Sandbox,
  type SandboxMode,
} from "@ml-intern/lab";
import { ToolFailure } from "../failures/tool-failure.ts";
import type { HubTarget } from "../publishing/hub-target.ts";

export interface WorkbenchOptions {
  readonly home: string;
  /** The session's folder, which holds `workspace/` and `lab/`. */
  readonly directory: string;
  readonly data: string;
  readonly sandbox: SandboxMode;
  readonly hub: HubTarget;
  /** Long set-up in words, for the person. */
  readonly onProgress: (text: string) => void;
  readonly now?: () => Date;
}

/**
 * The lab of one open session: its sandbox, environments, interpreter, data and ledger, each opened when it is first
 * needed and closed with the workbench.
 */
export class Workbench implements AsyncDisposable {
  readonly home: string;
  readonly directory: string;
  readonly workspace: string;
  readonly labDirectory: string;
  readonly data: string;
  readonly sandboxMode: SandboxMode;
  readonly hub: HubTarget;
  readonly now: () => Date;
  readonly #onProgress: (text: string) => void;
  readonly #environments = new Map<EnvironmentName, Promise<Environment>>();
  readonly #sandboxes = new Map<EnvironmentName, Promise<Sandbox>>();
  #sandboxMs = 0;
  #interpreter: Promise<Interpreter> | null = null;
  #dataset: Promise<Dataset> | null = null;
  #ledger: Promise<Ledger> | null = null;

  constructor(options: WorkbenchOptions) {
    this.home = options.home;
    this.directory = options.directory;
    this.workspace = join(options.directory, "workspace");
    this.labDirectory = join(options.directory, "lab");
    this.data = options.data;
    this.sandboxMode = options.sandbox;
    this.hub = options.hub;
    this.now = options.now ?? (() => new Date());
    this.#onProgress = options.onProgress;
  }

  environment(name: EnvironmentName, signal: AbortSignal): Promise<Environment> {
    return this.#once(this.#environments, name, () =>
      provisionEnvironment({
        name,
        home: this.home,
        onProgress: ({ message }) => this.#onProgress(message),
        signal,
      }),
    );
  }

  sandbox(name: EnvironmentName, signal: AbortSignal): Promise<Sandbox> {
    return this.#once(this.#sandboxes, name, async () => {
      const { readOnlyPaths } = await this.environment(name, signal);
      const { workspace, home, sandboxMode: mode } = this;
      return this.timed(() => openSandbox({ workspace, readOnlyPaths, home, mode, signal }));
    });
  }

  async interpreter(signal: AbortSignal): Promise<Interpreter> {
    this.#interpreter ??= this.#open(
      async () => {
        const [sandbox, environment] = [
          await this.sandbox("base", signal),
          await this.environment("base", signal),
        ];
        return openInterpreter({ sandbox, environment });
      },
      () => {
        this.#interpreter = null;
      },
    );
    return this.#interpreter;
  }

  /** Throws `data/closed` once the contract is fixed. */
  async dataset(signal: AbortSignal): Promise<Dataset> {
    if ((await this.contract()) !== null) throw dataClosed();
    this.#dataset ??= this.#open(
      () => openDataset(this.data, { signal }),
      () => {
        this.#dataset = null;
      },
    );
    return this.#dataset;
  }

  /** Ends the use of the data; after the contract is fixed nothing reads the person's file again. */
  async closeDataset(): Promise<void> {
    const dataset = this.#dataset;
    this.#dataset = null;
    if (dataset !== null) await (await dataset)[Symbol.asyncDispose]();
  }

  async ledger(): Promise<Ledger> {
    const { home, now } = this;
    this.#ledger ??= this.#open(
      () => openLedger({ path: join(this.labDirectory, "ledger.jsonl"), home, now }),
      () => {
        this.#ledger = null;
      },
    );
    return this.#ledger;
  }

  /** Wall time that code in sandboxes has taken so far. */
  get sandboxMs(): number {
    return this.#sandboxMs;
  }

  /** Counts the wall time of something that waits for a sandbox. */
  async timed<Value>(action: () => Promise<Value>): Promise<Value> {
    const begun = performance.now();
    try {
      return await action();
    } finally {
      this.#sandboxMs += Math.round(performance.now() - begun);
    }
  }

  contract(): Promise<Contract | null> {
    return readContract(this.directory);
  }

  /** Gives what the host wrote into the workspace to the sandbox's user. */
  readonly own = async (path: string): Promise<void> => {
    const sandbox = await this.sandbox("base", AbortSignal.timeout(600_000));
    await sandbox.adoptFile(path);
  };

  #once<Key, Value>(cache: Map<Key, Promise<Value>>, key: Key, make: () => Promise<Value>): Promise<Value> {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const made = this.#open(make, () => cache.delete(key));
    cache.set(key, made);
    return made;
  }

  /** A thing that failed to open is forgotten, so that the next use tries again. */
  #open<Value>(make: () => Promise<Value>, forget: () => void): Promise<Value> {
    return make().catch((error: unknown) => {
      forget();
      throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [this.#interpreter, ...this.#sandboxes.values(), this.#dataset, this.#ledger];
    for (const thing of open) {
      const opened = await thing?.catch(() => null); // what failed to open needs no closing
      await opened?.[Symbol.asyncDispose]();
    }
  }
}

function dataClosed(): ToolFailure {
  return new ToolFailure(
    "data/closed",
    "The contract is fixed, and with it the data are closed: sealed rows are among them.",
    "Work with what the contract has left you: data/task.json and data/train.csv in the workspace.",
  );
}
