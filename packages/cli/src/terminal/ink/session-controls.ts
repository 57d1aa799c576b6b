import type { Session, SessionOptions } from "@ml-intern/intern";
import type { Style } from "../style.ts";
import type { Choice } from "./picker.ts";

/**
 * What slash commands can do with the session in front of the person. All of them reject with an error that names cause and mend.
 */
export interface SessionControls {
  readonly session: Session;
  readonly home: string;
  readonly style: Style;
  readonly working: boolean;
  readonly print: (lines: readonly string[]) => void;
  readonly pick: <Value>(title: string, choices: readonly Choice<Value>[]) => Promise<Value | null>;
  readonly models: () => Promise<readonly string[]>;
  /** Checks a model's name and returns it whole; the next model call is its. */
  readonly takeModel: (name: string) => Promise<string>;
  readonly changeOptions: (options: Partial<Pick<SessionOptions, "budget_usd">>) => Promise<void>;
  /** All that the session has used, line by line, and what is left of its limits. */
  readonly budget: () => Promise<readonly string[]>;
  readonly tools: () => readonly { readonly name: string; readonly description: string }[];
  /** Leaves this session as it is and begins one on a new task; null asks for it. */
  readonly begin: (task: string | null) => Promise<void>;
  readonly resume: (id: string) => Promise<void>;
  readonly quit: () => void;
  /** Takes the session back to before a step, null is the last model call; returns what was done in words. */
  readonly undo: (step: string | null) => Promise<string>;
  /** Goes on in a copy of this session as it was before a step, null is now. */
  readonly fork: (step: string | null) => Promise<void>;
  /** Has the conversation shortened before the next model call. */
  readonly compact: () => Promise<void>;
}

export interface SlashCommand {
  readonly name: string;
  readonly help: string;
  /** Needs a session that rests. */
  readonly atRest?: boolean;
  readonly run: (controls: SessionControls, argument: string) => Promise<void>;
}
