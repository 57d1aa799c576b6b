import type { Message, Usage } from "@ml-intern/messages";
import type { ApprovalEvent } from "../approvals/approval-event.ts";
import type { BudgetEntry } from "../budget/budget-entry.ts";
import type { Firing } from "../guards/guard-step.ts";
import type { RunEvent } from "../runs/started-run.ts";

/** How a turn ended. `published` is the only success of a task; `answered` is one of a later question. */
export type Outcome = "published" | "answered" | "failed" | "stopped" | "budget" | "bad_input";

/** Why a turn did not succeed, in words for a person: what happened and what to do about it. */
export interface Cause {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
}

export interface SessionOptions {
  readonly task: string;
  /** Absolute path of the person's data file or folder. */
  readonly data: string;
  readonly target: string | null;
  /** `engine/name`. */
  readonly model: string;
  readonly budget_usd: number | null;
  readonly max_iterations: number;
  readonly sandbox: "auto" | "bubblewrap" | "unshare" | "none";
  readonly hub: "local" | "hf";
}

export interface PlanStep {
  readonly title: string;
  readonly status: "pending" | "active" | "done" | "skipped";
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ToolAnswer {
  readonly content: string;
  readonly is_error: boolean;
}

/** What is kept. The session's state, shown or resumed, is a fold of these and nothing else. */
export type DurableEvent =
  | {
      readonly type: "session_created";
      readonly version: 1;
      readonly id: string;
      readonly options: SessionOptions;
      /** Where the events that follow, up to that number, were copied from. */
      readonly forked_from?: { readonly session: string; readonly seq: number };
    }
  /** `text` is what the person says in this turn; null when a stopped turn goes on where it was. */
  | { readonly type: "turn_started"; readonly turn: number; readonly text: string | null }
  /** What the person says while a turn is under way: the next model call hears it, or the next turn. */
  | { readonly type: "said"; readonly text: string; readonly hears: "next_step" | "next_turn" }
  /** A resume with other limits, another model, another sandbox or hub. */
  | {
      readonly type: "options_changed";
      readonly options: Partial<Omit<SessionOptions, "task" | "data" | "target">>;
    }
  | { readonly type: "iteration_started"; readonly iteration: number }
  /**
   * A call that is complete while the model still writes: it may begin. `message` is the answer up to and including the
   * call, so that nothing is lost or done twice when the rest never comes.
   */
  | { readonly type: "call_received"; readonly iteration: number; readonly message: Message }
  | {
      readonly type: "assistant_message";
      readonly iteration: number;
      readonly message: Message;
      /** Calls whose arguments did not arrive whole or are no JSON; they must not be executed. */
      readonly unusable?: readonly UnusableCall[];
      /** Null where the price is unknown. */
      readonly cost_usd: number | null;
      readonly duration_ms: number;
    }
  | ({ readonly type: "tool_started" } & ToolCall)
  | ({
      readonly type: "tool_finished";
      readonly id: string;
      readonly name: string;
      readonly duration_ms: number;
    } & ToolAnswer)
  | { readonly type: "guidance"; readonly text: string }
  /** The person wants the conversation shortened before the next model call. */
  | { readonly type: "compaction_asked" }
  | ({ readonly type: "compacted" } & Compaction)
  | ApprovalEvent
  | BudgetEntry
  | RunEvent
  /** The work goes round in circles; `guidance` tells the model, `summary` the log. */
  | ({ readonly type: "guard_fired" } & Firing)
  | { readonly type: "plan_updated"; readonly steps: readonly PlanStep[] }
  /** A document that a tool made and that a face shows: its shape is the owner's, its name says which. */
  | {
      readonly type: "recorded";
      readonly kind: RecordKind;
      readonly body: unknown;
      readonly ledger_head: string | null;
    }
  | { readonly type: "notice"; readonly level: "info" | "warn"; readonly text: string }
  /** The workspace as it is now is kept. `after` is the call that left it so, null when none did. */
  | { readonly type: "workspace_saved"; readonly snapshot: string; readonly after: string | null }
  /** What came after `to_seq` is undone: it stays in the log, and the fold passes over it. */
  | ({ readonly type: "rewound" } & Rewinding)
  | {
      readonly type: "workspace_restored";
      readonly snapshot: string;
      readonly because: "rewound" | "forked" | "missing";
    }
  | {
      readonly type: "turn_finished";
      readonly outcome: Outcome;
      readonly cause: Cause | null;
      /** Wall time of the turn, and the parts of it that were spent waiting for the model and for code in sandboxes. */
      readonly elapsed_ms: number;
      readonly model_ms: number;
      readonly sandbox_ms: number;
    };

export interface Rewinding {
  readonly to_seq: number;
  /** A later event that stays: the answer, whole, of a call that began while it was still being written. */
  readonly answer: number | null;
  /** What the workspace goes back to; null when it was never saved, and stays as it is. */
  readonly snapshot: string | null;
  /** What the model is told. */
  readonly text: string;
}

export interface UnusableCall {
  readonly id: string;
  /** `cut_off` by the output limit; otherwise why the arguments cannot be read. */
  readonly reason: string;
}

/** What became of the conversation so that it fits the model's window again. */
export interface Compaction {
  /** `limit`: it was about to be too long; `overflow`: the model refused it; `asked`: the person wanted it. */
  readonly reason: "limit" | "overflow" | "asked";
  /** Results whose text gave way to the name of a file that holds it. */
  readonly elided: readonly string[];
  /** In place of everything but the last `kept` messages; null where nothing was summarised. */
  readonly summary: string | null;
  readonly kept: number;
  /** Size of the next request before and after. */
  readonly tokens_before: number;
  readonly tokens_after: number;
  /** Of the model call that wrote the summary; null where none was needed or the model could not. */
  readonly usage: Usage | null;
  /** What must not be forgotten and was looked for afterwards: how much, and which of it had to be put back. */
  readonly facts: { readonly checked: number; readonly missing: readonly string[] };
}

export type RecordKind = "data_report" | "contract" | "run" | "evaluation" | "release";

/** What is only shown while it happens: losing it loses nothing that a resume needs. */
export type TransientEvent =
  | { readonly type: "text_delta"; readonly text: string }
  | { readonly type: "thinking_delta"; readonly text: string }
  | {
      readonly type: "tool_input_delta";
      readonly id: string;
      readonly name: string;
      readonly partial_json: string;
    }
  | { readonly type: "tool_output"; readonly id: string; readonly text: string }
  | {
      readonly type: "progress";
      readonly text: string;
      readonly elapsed_ms: number;
      readonly remaining_ms: number | null;
    }
  | {
      readonly type: "spent";
      readonly usd: number | null;
      readonly input_tokens: number;
      /** Of the input tokens, those that a cache gave back and those that it took in. */
      readonly cache_read_tokens: number;
      readonly cache_write_tokens: number;
      readonly output_tokens: number;
      readonly saved_usd: number | null;
    };

/** A kept event as it stands in the log. `seq` starts at 1 and has no gaps; `time` is ISO 8601. */
export type LoggedEvent = DurableEvent & { readonly seq: number; readonly time: string };

/** The stream that faces read: kept events carry `seq`, passing ones do not. */
export type SessionEvent = LoggedEvent | TransientEvent;
