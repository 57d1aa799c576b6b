import { z } from "zod";
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
  async execute({ steps }, { session }) {
    await session.append({ type: "plan_updated", steps });
    return "ok";
  },
});
