import type { CacheScope, UsageGroup } from "@ml-intern/gateway";

export type SandboxOption = "auto" | "bubblewrap" | "unshare" | "none";

export interface WorkOptions {
  readonly data: string | null;
  readonly target: string | null;
  readonly model: string | null;
  readonly budgetUsd: number | null;
  readonly maxIterations: number | null;
  readonly hub: "local" | "hf" | null;
  readonly sandbox: SandboxOption | null;
  readonly yes: boolean;
  readonly json: boolean;
  /** Lines one after the other, as in a pipe, also at a terminal. */
  readonly plain: boolean;
}

/** Ports that are null are the configuration's. */
export interface ServeCommand {
  readonly kind: "serve";
  readonly config: string | null;
  readonly check: boolean;
  readonly port: number | null;
  readonly hubPort: number | null;
}

/** Times are as they were written; null is no bound. */
export interface UsageCommand {
  readonly kind: "usage";
  readonly since: string | null;
  readonly until: string | null;
  readonly by: UsageGroup;
  readonly format: UsageFormat;
  /** The single requests instead of their sums. */
  readonly lines: boolean;
}

/** What one session of the intern used. */
export interface SessionUsageCommand {
  readonly kind: "session_usage";
  readonly session: string;
  readonly json: boolean;
}

/** What is remembered of prompts: to be shown, or to be forgotten. */
export interface CacheCommand {
  readonly kind: "cache";
  readonly clears: boolean;
  readonly scope: CacheScope;
  readonly config: string | null;
  /** Where the server listens; null is the configuration's. */
  readonly port: number | null;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Documentation that is kept on this machine. `subject` is a name, a folder, an address or words, as the verb has it. */
export interface DocsCommand {
  readonly kind: "docs";
  readonly verb: "list" | "add" | "update" | "search" | "remove";
  readonly subject: string | null;
  readonly json: boolean;
}

/** A session's trace as lines; `output` is a path, null is standard output. */
export interface ExportCommand {
  readonly kind: "export";
  readonly session: string;
  readonly format: "claude-code" | "log";
  readonly output: string | null;
  readonly redacts: boolean;
}

export interface ShareCommand {
  readonly kind: "share";
  readonly session: string;
  readonly repo: string | null;
  readonly hub: "local" | "hf";
  /** Go on when everybody can read the repository. */
  readonly allowsPublic: boolean;
  readonly yes: boolean;
}

export type UsageFormat = "table" | "csv" | "json";

export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  /** No words at all: at a terminal the person is asked for a task. */
  | { readonly kind: "chat"; readonly options: WorkOptions }
  | { readonly kind: "task"; readonly task: string; readonly options: WorkOptions }
  | { readonly kind: "demo"; readonly options: WorkOptions }
  | { readonly kind: "resume"; readonly session: string | null; readonly options: WorkOptions }
  | { readonly kind: "sessions"; readonly json: boolean }
  | { readonly kind: "steps"; readonly session: string; readonly json: boolean }
  /** `to` is the step before which the session will stand; null is the last model call. */
  | { readonly kind: "undo"; readonly session: string; readonly to: string | null }
  /** `from` is a step as for `undo`; null is where the session stands. */
  | { readonly kind: "fork"; readonly session: string; readonly from: string | null }
  | { readonly kind: "models"; readonly json: boolean }
  | { readonly kind: "doctor"; readonly json: boolean }
  | { readonly kind: "setup" }
  | ServeCommand
  | UsageCommand
  | SessionUsageCommand
  | CacheCommand
  | DocsCommand
  | ExportCommand
  | ShareCommand
  | {
      readonly kind: "keys_create";
      readonly workspace: string;
      readonly name: string | null;
      readonly json: boolean;
    }
  | { readonly kind: "ledger_verify"; readonly subject: string | null }
  | { readonly kind: "notify_test" };
