/**
 * What a call is to the guards; its tool says so, call by call.
 * - `act`: anything else. What its answer says is evidence; where it succeeds silently, what was asked for is.
 * - `write`: puts the text of its input into a file; its answer is an acknowledgement.
 * - `note`: keeps something for the person (a plan, a message). Never progress by itself.
 * - `poll`: asks after work that goes on elsewhere. It may be repeated as often as it takes.
 */
export type Role = "act" | "write" | "note" | "poll";

/** One finished tool call. */
export interface GuardStep {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The answer as the model reads it. */
  readonly content: string;
  readonly isError: boolean;
  readonly role: Role;
}

export type GuardName = "repetition" | "cycle" | "no_progress" | "same_error";

/** 1: a hint. 2: the hint was not heeded. 3: the turn should end with a hand-over. */
export type Level = 1 | 2 | 3;

export interface Firing {
  readonly guard: GuardName;
  readonly level: Level;
  /** For the model: what was repeated, and what to do instead. */
  readonly guidance: string;
  /** For the log: one quiet line. */
  readonly summary: string;
}
