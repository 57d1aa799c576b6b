import type { ApprovableTool } from "../approvable-tool.ts";
import { NO_APPROVALS } from "../approval-state.ts";
import { type ApprovedCall, gate, type RefusedCall } from "../gate.ts";
import { createPolicy } from "../policy.ts";

/** A call as somebody makes it who agreed to everything; refused where its arguments are wrong. */
export async function approved<Tool extends ApprovableTool>(
  tool: Tool,
  input: unknown,
): Promise<ApprovedCall<Tool> | RefusedCall> {
  const [call] = await gate([{ id: "call", tool, input }], {
    policy: createPolicy(),
    approvals: NO_APPROVALS,
    request: "main:test",
    agent: "main",
    presence: "agreed",
    signal: new AbortController().signal,
  });
  if (call === undefined || call.kind === "waiting") throw new Error("somebody agreed to everything");
  return call;
}
