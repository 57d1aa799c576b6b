import { z } from "zod";
import { readWorkspaceText } from "../workbench/workspace-files.ts";
import { defineTool, type Tool } from "./define-tool.ts";

const LINES = 2_000;

export const readTool: Tool = defineTool({
  name: "read",
  description: `Reads a text file of the workspace, with line numbers; ${LINES} lines at most, from \`offset\` (1 is the first line).`,
  readOnly: true,
  input: z.strictObject({
    path: z.string().min(1),
    offset: z.int().min(1).optional(),
    limit: z.int().min(1).max(LINES).optional(),
  }),
  async execute({ path, offset = 1, limit = LINES }, { workbench, signal }) {
    const text = await readWorkspaceText({ workbench, path, signal });
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    if (lines.length === 0) return `(${path} is empty)`;
    const shown = lines.slice(offset - 1, offset - 1 + limit);
    const numbered = shown.map((line, index) => `${String(offset + index).padStart(6)}  ${line}`).join("\n");
    const rest = lines.length - (offset - 1 + shown.length);
    return rest > 0
      ? `${numbered}\n[${rest} more lines; go on with offset ${offset + shown.length}]`
      : numbered;
  },
});
