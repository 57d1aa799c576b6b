import { createInterface } from "node:readline/promises";
import type { ApprovalRequest } from "@ml-intern/intern";
import type { Style } from "./style.ts";

/** Puts a request to the person at the terminal. Enter means yes; a Ctrl-C rejects with the signal's reason. */
export async function askPerson(
  request: ApprovalRequest,
  { style, out, signal }: { style: Style; out: (text: string) => void; signal: AbortSignal },
): Promise<boolean> {
  out(`\n${style.bold(describeRequest(request))}\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Readline takes Ctrl-C for itself; it belongs to whoever watches interrupts.
  terminal.on("SIGINT", () => process.emit("SIGINT"));
  try {
    const answer = await terminal.question("[Y/n] ", { signal });
    return !/^\s*n/i.test(answer);
  } finally {
    terminal.close();
  }
}

/** What is asked, in lines. */
export function describeRequest(request: ApprovalRequest): string {
  if (request.kind === "publish") return `Publish the model to ${request.url}?`;
  if (request.kind === "call") {
    const { tool, input, why } = request.call;
    return `Allow ${tool}? ${why}\n  ${JSON.stringify(input, null, 2).replaceAll("\n", "\n  ")}`;
  }
  const { target, task_type, metric, split, exclude } = request.proposal;
  const terms = [
    `predict ${target} (${task_type})`,
    `metric ${metric ?? "by the lab's choice"}`,
    `split ${split === undefined ? "by the lab's choice" : [split.kind, split.column].filter(Boolean).join(" by ")}`,
    ...(exclude ?? []).map(({ column, reason }) => `without ${column}: ${reason}`),
  ];
  return `Fix these terms? They cannot be changed later.\n  ${terms.join("\n  ")}`;
}
