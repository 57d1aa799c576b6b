import { z } from "zod";
import { activeStep } from "../budget/plan-step.ts";
import { defineTool, type Tool } from "./define-tool.ts";

export const planTool: Tool = defineTool({
  name: "plan",
  description:
    "Replaces the plan that the person sees: all steps, each with its status. At most one step is active.",
  repeatable: true,
  role: "note",
  input: z.strictObject({
    steps: z
      .array(
        z.strictObject({
          title: z.string().min(1).max(200),
          status: z.enum(["pending", "active", "done", "skipped"]),
        }),
      )
      .min(1)
      .max(40),
  }),
  async execute({ steps }, { session, budget }) {
    const before = activeStep(session.state.plan)?.id;
    await session.append({ type: "plan_updated", steps });
    const text = activeStep(steps)?.id === before ? null : await budget.describeStep();
    if (text !== null) session.add({ type: "notice", level: "info", text });
    return "ok";
  },
});
