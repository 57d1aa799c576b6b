import { z } from "zod";
import { withinTime } from "../budget/within-time.ts";
import { ToolFailure } from "../failures/tool-failure.ts";
import { defineTool, type Tool } from "./define-tool.ts";

export const pythonTool: Tool = defineTool({
  name: "python",
  description:
    "Executes Python in a stateful interpreter in the sandbox: variables and imports stay from call to call. The value of a last expression is shown. For looking and trying; for training use start_run.",
  input: z.strictObject({
    code: z.string().min(1),
    timeout_s: z.number().positive().max(3_600).default(120),
  }),
  async execute({ code, timeout_s: seconds }, { workbench, budget, callId, show, signal }) {
    const interpreter = await workbench.interpreter(signal);
    const { value: result, shortened } = await withinTime(
      { budget, callId, seconds, show, signal },
      (granted) =>
        workbench.timed(() =>
          interpreter.execute(code, { timeoutMs: granted * 1000, onOutput: show, signal }),
        ),
    );
    signal.throwIfAborted();
    const parts = [
      shortened ?? "",
      result.restarted ? "[The interpreter was restarted: earlier variables are gone.]" : "",
      result.output.trimEnd(),
      result.value ?? "",
    ].filter((part) => part !== "");
    if (result.error !== null) {
      throw new ToolFailure(
        "python/failed",
        [...parts, result.error].join("\n"),
        "Mend the code and execute it again.",
      );
    }
    return parts.length === 0 ? "(no output)" : parts.join("\n");
  },
});
