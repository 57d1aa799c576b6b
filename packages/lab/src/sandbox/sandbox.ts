import type { Duplex, Writable } from "node:stream";
import type { Limits } from "./limits.ts";

export type SandboxMode = "auto" | "bubblewrap" | "unshare" | "none";

/** What holds the walls: a bubblewrap, namespaces made by `unshare`, Landlock without namespaces, or nothing. */
export type SandboxKind = "bubblewrap" | "unshare" | "landlock" | "none";

/** One promise of a sandbox, whether this machine keeps it, and what enforces it. */
export interface Guarantee {
  readonly name: string;
  readonly enforced: boolean;
  readonly by: string;
}

export type Ended = "exited" | "timeout" | "cancelled" | "memory" | "disk" | "killed";

export interface ExecOptions {
  readonly argv: readonly string[];
  /** A path as the sandbox sees it; relative to the workspace. Default: the workspace. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: Partial<Limits>;
  /** Standard output and standard error, in the order in which they were written. */
  readonly onOutput?: (text: string) => void;
  /** Told the process, as the host sees it, below which everything of the command runs. */
  readonly onStart?: (pid: number) => void;
  /** A file on the host that receives the whole output, up to `limits.outputBytes`. */
  readonly logPath?: string;
  readonly signal: AbortSignal;
}

export interface ExecResult {
  readonly ended: Ended;
  /** Null when the process was killed by us; 128 + n when a signal n ended it. */
  readonly exit_code: number | null;
  readonly duration_ms: number;
  /** The beginning and the end of the output, with a note between them when something is left out. */
  readonly output: string;
  readonly truncated: boolean;
  readonly log_path: string | null;
}

export interface SpawnOptions extends Omit<ExecOptions, "logPath"> {
  /** Adds a two-way channel to the process as file descriptor 3. */
  readonly channel?: boolean;
}

/** A running process in the sandbox. `finished` never rejects; it settles when the whole tree is gone. */
export interface SandboxProcess {
  readonly stdin: Writable;
  readonly channel: Duplex | null;
  readonly finished: Promise<ExecResult>;
  /** Kills the whole tree. */
  kill(): void;
}

export interface Sandbox {
  readonly kind: SandboxKind;
  readonly guarantees: readonly Guarantee[];
  /** The workspace as the host sees it. */
  readonly hostWorkspace: string;
  /** The workspace as the sandbox sees it: /workspace, or the host's path where the kernel refuses mounts. */
  readonly workspace: string;
  /** The user that owns what runs inside. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Runs a command to its end. A failing command is a result, not an exception. */
  exec(options: ExecOptions): Promise<ExecResult>;
  /** Starts a command that the caller talks to. No wall-time limit unless `limits.wallMs` is given. */
  spawn(options: SpawnOptions): Promise<SandboxProcess>;
  /** Gives a file or folder of the workspace that the host wrote to the sandbox's user. Follows no link. */
  adoptFile(path: string): Promise<void>;
  /** Kills what still runs. */
  [Symbol.asyncDispose](): Promise<void>;
}
