import { writeWorkspaceText } from "../workbench/workspace-files.ts";
import type { ToolContext } from "./define-tool.ts";

/** Characters of one tool result that enter the conversation. */
const LIMIT = 20_000;
const HEAD = LIMIT / 4;
const TAIL = LIMIT - HEAD;

/** Keeps the head and the tail of a long result; the whole lies in a file that the `read` tool can page through. */
export async function boundOutput(
  text: string,
  context: Pick<ToolContext, "workbench" | "callId" | "signal">,
): Promise<string> {
  if (text.length <= LIMIT) return wellFormed(text);
  const path = `.output/${context.callId}.txt`;
  const { workbench, signal } = context;
  await writeWorkspaceText({ workbench, path, content: text, signal });
  const left = text.length - LIMIT;
  return wellFormed(
    `${text.slice(0, HEAD)}\n[… ${left} characters left out; the whole output is in ${path} …]\n${text.slice(-TAIL)}`,
  );
}

/** Half a surrogate pair is no text: a server refuses the conversation that holds one, now and in every later turn. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}
