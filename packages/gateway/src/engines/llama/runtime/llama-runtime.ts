import { availableParallelism } from "node:os";
import type { Llama, LlamaLogLevel } from "node-llama-cpp";
import { GatewayError } from "../../../gateway-error.ts";
import { within } from "../../../streaming/within.ts";
import { EvaluationLoop } from "./evaluation-loop.ts";
import { Threads } from "./threads.ts";

export type LlamaLog = (entry: {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
}) => void;

export interface LlamaRuntimeOptions {
  /** Whether llama.cpp may use a graphics card that it finds; default false. Only the first user of the process decides. */
  readonly gpu?: boolean;
  /**
   * Threads to compute on, always. Without, as many as the machine has cores for at the moment; see {@link Threads}.
   * Only the first user of the process decides.
   */
  readonly threads?: number;
  readonly log: LlamaLog;
}

/** llama.cpp itself, of which a process has one, and the loop that decides what it evaluates. */
export interface LlamaRuntime {
  readonly llama: Llama;
  readonly loop: EvaluationLoop;
  /** The most that is ever computed on. */
  readonly threads: number;
  /** What llama.cpp complained of since the last call: it says why something failed nowhere else. */
  takeComplaints(): readonly string[];
  /** Frees llama.cpp when nobody else uses it. */
  close(): Promise<void>;
}

interface Shared {
  readonly opened: Promise<{
    readonly llama: Llama;
    readonly loop: EvaluationLoop;
    readonly threads: number;
  }>;
  readonly logs: Set<LlamaLog>;
  readonly complaints: string[];
  users: number;
}

const KEPT_COMPLAINTS = 20;

/**
 * llama.cpp ends when everybody has let go of it, within milliseconds; what fails to load is made to by `letGoOnFailure`.
 * Should something else never let go, it must not keep the process from ending.
 */
const DISPOSAL_MS = 2_000;

let shared: Shared | null = null;

/**
 * Loads llama.cpp, or joins those who use it already. Nothing is built or downloaded. Throws a `GatewayError` when
 * there is no build for this machine.
 */
export async function openLlamaRuntime(options: LlamaRuntimeOptions): Promise<LlamaRuntime> {
  shared ??= start(options);
  const mine = shared;
  mine.users++;
  mine.logs.add(options.log);
  let closed = false;
  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    mine.logs.delete(options.log);
    mine.users--;
    if (mine.users > 0) return;
    if (shared === mine) shared = null;
    const { llama } = await mine.opened;
    if (await within(llama.dispose(), DISPOSAL_MS)) return;
    options.log({ level: "warn", message: `llama.cpp did not end within ${DISPOSAL_MS / 1000} s` });
  }
  try {
    const { llama, loop, threads } = await mine.opened;
    return { llama, loop, threads, takeComplaints: () => mine.complaints.splice(0), close };
  } catch (error) {
    if (shared === mine) shared = null;
    throw new GatewayError(`llama.cpp cannot be loaded: ${error instanceof Error ? error.message : error}`, {
      code: "model_unusable",
      status: 500,
      type: "api_error",
      mend: "Install ml-intern anew on this machine, so that npm fetches the build of llama.cpp that belongs to it.",
      headers: { "x-should-retry": "false" },
      cause: error,
    });
  }
}

/**
 * Threads are for cores, not for hyper-threads, of which two do little more than one. One core is left out where the
 * number must not change: it is likely to have other work, and a thread that waits for its core holds up all of them.
 */
function threadsFor(
  { cpuMathCores }: Llama,
  { gpu, threads }: LoadOptions,
): { most: number; steady: number } {
  const cores = Math.max(1, Math.min(cpuMathCores, availableParallelism()));
  const steady = threads ?? Math.max(1, cores - 1);
  return { most: threads === undefined && !gpu ? cores : steady, steady };
}

function start({ gpu = false, threads }: LlamaRuntimeOptions): Shared {
  const logs = new Set<LlamaLog>();
  const complaints: string[] = [];
  const logger = (level: LlamaLogLevel, text: string): void => {
    const message = text.trim();
    const known = level === "error" || level === "fatal" ? "error" : level === "warn" ? "warn" : "info";
    if (known === "error") complaints.push(message);
    complaints.splice(0, complaints.length - KEPT_COMPLAINTS);
    for (const log of logs) log({ level: known, message });
  };
  return { opened: load({ gpu, threads, logger }), logs, complaints, users: 0 };
}

interface LoadOptions {
  readonly gpu: boolean;
  readonly threads: number | undefined;
  readonly logger: (level: LlamaLogLevel, message: string) => void;
}

async function load(options: LoadOptions): Promise<Awaited<Shared["opened"]>> {
  // Only those who use the embedded engine pay for loading it.
  const { getLlama, LlamaLogLevel } = await import("node-llama-cpp");
  const llama = await getLlama({
    gpu: options.gpu ? "auto" : false,
    build: "never",
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.warn,
    logger: options.logger,
  });
  const threads = new Threads({
    ...threadsFor(llama, options),
    use: (count) => {
      llama.maxThreads = count;
    },
  });
  return { llama, loop: new EvaluationLoop({ threads }), threads: threads.most };
}
