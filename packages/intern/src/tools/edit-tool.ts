import { z } from "zod";
import { ToolFailure } from "../failures/tool-failure.ts";
import { readWorkspaceText, writeWorkspaceText } from "../workbench/workspace-files.ts";
import { defineTool, type Tool } from "./define-tool.ts";

export const editTool: Tool = defineTool({
  name: "edit",
  description:
    "Replaces one passage of a file. `old` must occur exactly once, character for character; otherwise nothing is changed.",
  role: "write",
  input: z.strictObject({ path: z.string().min(1), old: z.string().min(1), new: z.string() }),
  async execute({ path, old, new: replacement }, { workbench, signal }) {
    const text = await readWorkspaceText({ workbench, path, signal });
    const first = text.indexOf(old);
    if (first === -1) {
      throw new ToolFailure(
        "edit/no_match",
        `The passage does not occur in ${path}; nothing was changed.`,
        "Read the file and copy the passage exactly, white space included.",
      );
    }
    const more = countOccurrences(text, old);
    if (more > 1) {
      throw new ToolFailure(
        "edit/several_matches",
        `The passage occurs ${more} times in ${path}; nothing was changed.`,
        "Include more of the lines around the place that is meant.",
      );
    }
    const content = text.slice(0, first) + replacement + text.slice(first + old.length);
    await writeWorkspaceText({ workbench, path, content, signal });
    const line = text.slice(0, first).split("\n").length;
    return `Edited ${path} at line ${line}.`;
  },
});

/** Overlapping occurrences count: `aa` stands twice in `aaa`, and either could be meant. */
function countOccurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) count++;
  return count;
}
