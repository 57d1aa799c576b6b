import { describeFailure, parseFailure } from "../failures/tool-failure.ts";
import type { Firing } from "../guards/guard-step.ts";
import type { Cause, Outcome } from "../session/session-event.ts";
import type { SessionState } from "../session/session-state.ts";
import { STOPPED } from "./call-runner.ts";

export interface TurnResult {
  readonly outcome: Outcome;
  readonly cause: Cause | null;
}

/** What an exception means for the turn that it ended. */
export function failed(error: unknown): TurnResult {
  const cause = describeFailure(error);
  return { outcome: isBadInput(cause.code) ? "bad_input" : "failed", cause };
}

/** A model that has nothing more to say, and has not published. */
export function endedWithoutModel(obstacle: Cause | null): TurnResult {
  if (obstacle === null) {
    const cause = {
      code: "task/unfinished",
      message: "The model ended without publishing anything.",
      mend: "Its last words say why. `ml-intern resume` goes on; another --model may do better.",
    };
    return { outcome: "failed", cause };
  }
  if (obstacle.code.startsWith("budget/")) return { outcome: "budget", cause: obstacle };
  return { outcome: isBadInput(obstacle.code) ? "bad_input" : "failed", cause: obstacle };
}

/** Work that went round in circles until a hand-over was asked for. */
export function stuck({ summary }: Firing): TurnResult {
  const cause = {
    code: "loop/stuck",
    message: `The work went round in circles (${summary}).`,
    mend: "Its last words say where it stands. `ml-intern resume` goes on; say what to do differently, or take another --model.",
  };
  return { outcome: "failed", cause };
}

export function budgetSpent(message: string, option: string): TurnResult {
  return {
    outcome: "budget",
    cause: { code: "budget/spent", message, mend: `Go on with \`ml-intern resume ${option} N\`.` },
  };
}

/** The failure that the model ended on: the newest tool results, when one of them is an error that no person caused. */
export function lastObstacle(state: SessionState): Cause | null {
  const results = state.messages.findLast(
    ({ role, content }) => role === "user" && typeof content !== "string",
  )?.content;
  if (results === undefined || typeof results === "string") return null;
  for (const block of [...results].reverse()) {
    if (block.type !== "tool_result" || block.is_error !== true || typeof block.content !== "string")
      continue;
    const failure = parseFailure(block.content);
    if (failure !== null && failure.code !== STOPPED) return failure;
  }
  return null;
}

function isBadInput(code: string): boolean {
  return (
    code.startsWith("data/") ||
    code.startsWith("contract/") ||
    code === "model/unknown" ||
    code.startsWith("task/")
  );
}
