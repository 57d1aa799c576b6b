import type { Facts } from "./facts.ts";
import type { PlannedCall } from "./move.ts";
import type { Stage } from "./stage.ts";

/** The `plan` call that shows where the work is, or null when the last one says the same. */
export function planCall(
  stages: readonly Stage[],
  active: number,
  { conversation, tools }: Facts,
): PlannedCall | null {
  if (!tools.has("plan")) return null;
  const steps = stages.map(({ title }, index) => ({
    title,
    status: index < active ? "done" : index === active ? "active" : "pending",
  }));
  const last = conversation.exchanges.findLast(({ name }) => name === "plan");
  if (last?.outcome.kind === "ok" && JSON.stringify(last.input.steps) === JSON.stringify(steps)) return null;
  return { name: "plan", input: { steps } };
}
