import type { PlanStep, TransientEvent } from "../session/session-event.ts";

/**
 * Where the work stands by its own plan. The time that is left is guessed from the steps that are done; null until
 * one is.
 */
export function progressOf(plan: readonly PlanStep[], elapsed_ms: number): TransientEvent | null {
  const counted = plan.filter(({ status }) => status !== "skipped");
  const done = counted.filter(({ status }) => status === "done").length;
  const active = counted.find(({ status }) => status === "active");
  if (active === undefined) return null;
  const remaining_ms = done === 0 ? null : Math.round((elapsed_ms / done) * (counted.length - done));
  return {
    type: "progress",
    text: `step ${done + 1} of ${counted.length}: ${active.title}`,
    elapsed_ms,
    remaining_ms,
  };
}
