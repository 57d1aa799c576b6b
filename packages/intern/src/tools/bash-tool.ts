import { environmentVariables } from "@ml-intern/lab";
import { z } from "zod";
import { withinTime } from "../budget/within-time.ts";
import { ToolFailure } from "../failures/tool-failure.ts";
import { defineTool, type Tool } from "./define-tool.ts";

export const bashTool: Tool = defineTool({
  name: "bash",
  description:
    "Runs a shell command in the sandbox, in the workspace, without a network. For training use start_run: only runs can be evaluated.",
  input: z.strictObject({
    command: z.string().min(1),
    timeout_s: z.number().positive().max(3_600).default(120),
  }),
  async execute({ command, timeout_s }, { workbench, budget, callId, show, signal }) {
    const sandbox = await workbench.sandbox("base", signal);
    // `python` in a command is the environment's, as it is in runs.
    const env = environmentVariables(await workbench.environment("base", signal));
    const time = { budget, callId, seconds: timeout_s, show, signal };
    const { value: result, shortened } = await withinTime(time, (granted) =>
      workbench.timed(() =>
        sandbox.exec({
          argv: ["bash", "-c", command],
          env,
          limits: { wallMs: granted * 1000 },
          onOutput: show,
          signal,
        }),
      ),
    );
    signal.throwIfAborted();
    const output = result.output === "" ? "(no output)" : result.output;
    if (result.ended === "exited" && result.exit_code === 0) return output;
    const why = result.ended === "exited" ? `exit code ${result.exit_code}` : `ended by ${result.ended}`;
    const mend = result.ended === "timeout" ? shortened : null;
    throw new ToolFailure("bash/failed", `${why}\n${output}`, mend ?? mendFor(result.ended, timeout_s));
  },
});

function mendFor(ended: string, timeout: number): string {
  if (ended === "timeout")
    return `It ran longer than ${timeout} s and was killed with all its children. Raise timeout_s or do less.`;
  if (ended === "memory") return "It used more memory than the sandbox allows. Work on less data at a time.";
  return "Read the output.";
}
