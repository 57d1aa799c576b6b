// Scripted sessions: what a model asked for and what the tools answered, message by message. No guard was asked while they were
// written; what should happen stands beside the part of the session in which it should.
import type { GuardName, GuardStep } from "../../src/guards/guard-step.ts";

/** All calls of one assistant message, answered. */
export type Answers = readonly GuardStep[];

export interface Loop {
  readonly guard: GuardName;
  /** Answered messages, the first is 1: where the loop begins, where the guard should have fired, where it ends. */
  readonly begins: number;
  readonly due: number;
  readonly ends: number;
}

export interface Transcript {
  readonly name: string;
  readonly messages: readonly Answers[];
  /** None in an honest session. */
  readonly loops: readonly Loop[];
}

/** A stretch of a session; `by` says at which of its messages the guard should have fired at the latest. */
interface Part {
  readonly messages: readonly Answers[];
  readonly loop: { readonly guard: GuardName; readonly by: number } | null;
}

type Call = GuardStep | Answers;

const answered = (call: Call): Answers => (Array.isArray(call) ? call : [call as GuardStep]);

export function work(...calls: readonly Call[]): Part {
  return { messages: calls.map(answered), loop: null };
}

export function loop(guard: GuardName, by: number, calls: readonly Call[]): Part {
  return { messages: calls.map(answered), loop: { guard, by } };
}

export function transcript(name: string, ...parts: readonly Part[]): Transcript {
  const loops: Loop[] = [];
  let before = 0;
  for (const { messages, loop } of parts) {
    const ends = before + messages.length;
    if (loop !== null) loops.push({ guard: loop.guard, begins: before + 1, due: before + loop.by, ends });
    before = ends;
  }
  return { name, messages: parts.flatMap(({ messages }) => messages), loops };
}

/** `make(0)`, `make(1)` … one after the other. */
export function times<T>(count: number, make: (index: number) => T | readonly T[]): T[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat() as T[];
}
