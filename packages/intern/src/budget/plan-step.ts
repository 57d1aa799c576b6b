import type { PlanStep } from "../session/session-event.ts";
import type { StepName } from "./budget-entry.ts";

/** The step that the plan is at. A title that comes again is another step of the same kind. */
export function activeStep(plan: readonly PlanStep[]): StepName | undefined {
  const index = plan.findIndex(({ status }) => status === "active");
  const title = plan[index]?.title;
  if (title === undefined) return undefined;
  const earlier = plan.slice(0, index).filter((step) => step.title === title).length;
  return { id: earlier === 0 ? title : `${title} (${earlier + 1})`, kind: kindOfStep(title) };
}

/** What is left of a title without numbers, signs and what stands in brackets: `Train run 3 (seed 7)` is a `train run`. */
export function kindOfStep(title: string): string {
  const words = title
    .toLowerCase()
    .replaceAll(/\([^)]*\)|\[[^\]]*\]/g, " ")
    .split(/[^\p{Letter}]+/u)
    .filter((word) => word !== "");
  return words.length === 0 ? title.trim().toLowerCase() : words.join(" ");
}
