import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { approved } from "../../approvals/testing/approved.ts";
import type { ToolContext } from "../../tools/define-tool.ts";
import type { McpTool } from "../mcp-tool.ts";

export interface ToolBench extends AsyncDisposable {
  readonly workspace: string;
  /** What tools showed while they worked. */
  readonly shown: readonly string[];
  /** Calls a tool by its name. */
  call(
    tools: readonly McpTool[],
    name: string,
    input?: unknown,
    signal?: AbortSignal,
  ): Promise<{ text: string; failed: boolean }>;
}

/** Calls tools as the loop does, with a workspace of real files and no sandbox around it. */
export async function openToolBench(): Promise<ToolBench> {
  const workspace = await mkdtemp(join(tmpdir(), "mcp-"));
  const sandbox = { hostWorkspace: workspace, workspace: "/workspace", owner: { uid: 0, gid: 0 } };
  const shown: string[] = [];
  let calls = 0;
  return {
    workspace,
    shown,
    async call(tools, name, input = {}, signal = new AbortController().signal) {
      const tool = tools.find((candidate) => candidate.name === name);
      if (tool === undefined)
        throw new Error(`no ${name} among ${tools.map((each) => each.name).join(", ")}`);
      // These tools use no more of the two than this.
      const context = {
        workbench: { sandbox: async () => sandbox },
        callId: `call_${++calls}`,
        show: (text: string) => void shown.push(text),
        signal,
      } as unknown as ToolContext;
      const approvedCall = await approved(tool, input);
      if (approvedCall.kind === "refused") return { text: JSON.stringify(approvedCall.cause), failed: true };
      const { content, is_error } = await tool.run(approvedCall, context);
      return { text: content, failed: is_error };
    },
    [Symbol.asyncDispose]: () => rm(workspace, { recursive: true, force: true }),
  };
}
