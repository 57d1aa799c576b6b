import { z } from "zod";
import { writeWorkspaceText } from "../workbench/workspace-files.ts";
import { defineTool, type Tool } from "./define-tool.ts";

export const writeTool: Tool = defineTool({
  name: "write",
  description: "Writes a whole text file into the workspace; folders are made, an existing file is replaced.",
  repeatable: true,
  role: "write",
  input: z.strictObject({ path: z.string().min(1), content: z.string() }),
  async execute({ path, content }, { workbench, signal }) {
    await writeWorkspaceText({ workbench, path, content, signal });
    const lines = content === "" ? 0 : content.split("\n").length - (content.endsWith("\n") ? 1 : 0);
    return `Wrote ${path}: ${lines} lines.`;
  },
});
