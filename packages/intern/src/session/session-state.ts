import { type ApprovalState, applyApproval, NO_APPROVALS, withoutCall } from "../approvals/approval-state.ts";
import { applyBudget, type BudgetBook, EMPTY_BOOK } from "../budget/budget-book.ts";
import { type Spent, spentOf } from "../budget/spent-of.ts";
import { applyRunEvent, type StartedRun } from "../runs/started-run.ts";
import {
  type Conversation,
  compacted,
  heard,
  NO_CONVERSATION,
  withAnswer,
  withArrivingCall,
  withGuidance,
  withResult,
  withStartedCall,
} from "./conversation.ts";
import { liveEvents } from "./live-events.ts";
import type { Cause, LoggedEvent, Outcome, PlanStep, RecordKind, SessionOptions } from "./session-event.ts";

/** Everything that a resume needs, folded from the log. */
export interface SessionState extends Conversation {
  readonly id: string;
  /** Of the newest event. */
  readonly seq: number;
  readonly created: string;
  readonly options: SessionOptions;
  readonly turns: number;
  readonly iterations: number;
  /** The person's words after the task itself, oldest first. */
  readonly said: readonly string[];
  /** What was reserved and spent. */
  readonly budget: BudgetBook;
  /** What the person was asked and said about calls. */
  readonly approvals: ApprovalState;
  /** Runs that were started to go on by themselves, oldest first. */
  readonly startedRuns: readonly StartedRun[];
  readonly plan: readonly PlanStep[];
  readonly records: Readonly<Partial<Record<RecordKind, readonly unknown[]>>>;
  readonly spent: Spent;
  readonly ledgerHead: string | null;
  readonly active_ms: number;
  readonly workspace: {
    /** The newest snapshot of this state of the session. */
    readonly saved: string | null;
    /** What it has yet to be brought back to, before anything else is done. */
    readonly due: string | null;
  };
  readonly outcome: Outcome | "unfinished";
  readonly cause: Cause | null;
}

/** Throws nothing: an event of an unknown type (written by a newer version) is passed over, and so is what was undone. */
export function foldSession(events: readonly LoggedEvent[]): SessionState | null {
  const live = liveEvents(events);
  const state = foldAll(live);
  return live.length === events.length || state === null ? state : { ...state, ...lasting(foldAll(events)) };
}

/** What cannot be undone: what was spent and counted, what the person chose, and what stands in the ledger. */
function lasting(ever: SessionState | null): Partial<SessionState> {
  if (ever === null) return {};
  const { seq, options, turns, iterations, records, startedRuns, spent, budget, ledgerHead, active_ms } =
    ever;
  return { seq, options, turns, iterations, records, startedRuns, spent, budget, ledgerHead, active_ms };
}

function foldAll(events: readonly LoggedEvent[]): SessionState | null {
  const first = events[0];
  if (first?.type !== "session_created") return null;
  let state: SessionState = {
    id: first.id,
    seq: first.seq,
    created: first.time,
    options: first.options,
    turns: 0,
    iterations: 0,
    ...NO_CONVERSATION,
    said: [],
    budget: EMPTY_BOOK,
    approvals: NO_APPROVALS,
    startedRuns: [],
    plan: [],
    records: {},
    spent: spentOf(EMPTY_BOOK),
    ledgerHead: null,
    active_ms: 0,
    workspace: { saved: null, due: null },
    outcome: "unfinished",
    cause: null,
  };
  for (const event of events) state = applyEvent(state, event);
  return state;
}

/** The next state; after a `rewound` only {@link foldSession} knows it, since it needs the events before. */
export function applyEvent(state: SessionState, event: LoggedEvent): SessionState {
  return { ...folded(state, event), seq: event.seq };
}

function folded(state: SessionState, event: LoggedEvent): SessionState {
  switch (event.type) {
    case "turn_started":
      return {
        ...state,
        turns: event.turn,
        outcome: "unfinished",
        cause: null,
        said: event.text === null || event.turn === 1 ? state.said : [...state.said, event.text],
        unheard: [...state.unheard, ...(event.text === null ? [] : [event.text]), ...state.queued],
        queued: [],
      };
    case "said": {
      const said = [...state.said, event.text];
      return event.hears === "next_step"
        ? { ...state, said, unheard: [...state.unheard, event.text] }
        : { ...state, said, queued: [...state.queued, event.text] };
    }
    case "options_changed":
      return { ...state, options: { ...state.options, ...event.options } };
    case "iteration_started":
      return { ...heard(state), iterations: event.iteration };
    case "call_received":
      return withArrivingCall(state, event.message);
    case "assistant_message":
      return withAnswer(heard(state), event.message, event.unusable ?? []);
    case "tool_started":
      return withStartedCall(state, event.id);
    case "tool_finished":
      return { ...withResult(state, event), approvals: withoutCall(state.approvals, event.id) };
    case "guidance":
      return withGuidance(state, event.text);
    case "budget_reserved":
    case "budget_settled":
    case "budget_released":
    case "budget_carved":
    case "budget_unpriced":
    case "budget_mark": {
      const budget = applyBudget(state.budget, event, Date.parse(event.time));
      return { ...state, budget, spent: spentOf(budget) };
    }
    case "approval_asked":
    case "approval_given":
      return { ...state, approvals: applyApproval(state.approvals, event) };
    case "run_started":
    case "run_news": {
      const next = { ...state, startedRuns: applyRunEvent(state.startedRuns, event) };
      return event.type === "run_news" && event.text !== null ? withGuidance(next, event.text) : next;
    }
    case "guard_fired":
      return withGuidance(state, event.guidance);
    case "compaction_asked":
      return { ...state, isToBeCompacted: true };
    case "compacted":
      return compacted(state, event);
    case "plan_updated":
      return { ...state, plan: event.steps };
    case "recorded":
      return {
        ...state,
        records: { ...state.records, [event.kind]: [...(state.records[event.kind] ?? []), event.body] },
        ledgerHead: event.ledger_head ?? state.ledgerHead,
      };
    case "workspace_saved":
      return { ...state, workspace: { ...state.workspace, saved: event.snapshot } };
    case "workspace_restored":
      return { ...state, workspace: { saved: event.snapshot, due: null } };
    case "rewound":
      return {
        ...state,
        unheard: [...state.unheard, event.text],
        workspace: { saved: event.snapshot, due: event.snapshot },
      };
    case "turn_finished":
      return {
        ...state,
        outcome: event.outcome,
        cause: event.cause,
        active_ms: state.active_ms + event.elapsed_ms,
      };
    default:
      return state;
  }
}
