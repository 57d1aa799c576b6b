export type EnvironmentName = "base" | "torch";

/** A Python environment that is installed, locked and ready to be bound into a sandbox. */
export interface Environment {
  readonly name: EnvironmentName;
  readonly id: string;
  /** The interpreter, at the same path inside and outside the sandbox. */
  readonly python: string;
  /** What a sandbox must be able to read to run it. */
  readonly readOnlyPaths: readonly string[];
  /** One `name==version` a line, sorted: what is really installed. */
  readonly lock: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

export interface ProvisionProgress {
  readonly phase: "python" | "venv" | "resolve" | "download" | "install" | "lock" | "ready";
  readonly message: string;
  readonly packages_done: number;
  readonly packages_total: number;
}

export interface ProvisionEnvironmentOptions {
  readonly name: EnvironmentName;
  readonly home: string;
  readonly onProgress?: (progress: ProvisionProgress) => void;
  readonly signal?: AbortSignal;
}

/** Returns an environment, installing it on first use. An interrupted install is done again. */
export async function provisionEnvironment(_options: ProvisionEnvironmentOptions): Promise<Environment> {
  throw new Error("not yet");
}
