import type { InputMessage, MessagesRequest } from "@ml-intern/messages";
import type { ScriptedAnswer } from "@ml-intern/testkit";

/**
 * A model that works through numbered steps and knows nothing but its conversation: where it stands it reads from the
 * newest result, from its own notes, or, when a result says that nobody knows, by looking.
 */
export function steppingModel(steps: number): (request: MessagesRequest) => ScriptedAnswer {
  return ({ messages }) => {
    const last = textOf(messages.at(-1));
    if (last.includes("Write notes")) return { text: notes(stepIn(messages)) };
    if (last.includes("tool/interrupted")) return { toolCalls: [{ name: "look", input: {} }] };
    const done = stepIn(messages);
    if (done >= steps) {
      const isPublished = last.includes("published");
      return isPublished ? { text: "All steps are done." } : { toolCalls: [{ name: "publish", input: {} }] };
    }
    const next = { name: "step", input: { n: done + 1 } };
    const record = { name: "record", input: { n: done + 1 } };
    const look = { name: "look", input: {} };
    return {
      text: `On to step ${done + 1} of ${steps}.`,
      toolCalls: (done + 1) % 10 === 0 ? [next, record, look] : [next],
    };
  };
}

function notes(step: number): string {
  return `Each step was taken in its turn and none twice; the results are in their files. step ${step} done. Next comes the one after it.`;
}

/** The newest step that the conversation knows to be done. */
function stepIn(messages: readonly InputMessage[]): number {
  for (const message of [...messages].reverse()) {
    const found = [...textOf(message).matchAll(/step (\d+) done/g)].map(([, n]) => Number(n));
    if (found.length > 0) return Math.max(...found);
  }
  return 0;
}

function textOf(message: InputMessage | undefined): string {
  if (message === undefined || message.role === "assistant") return "";
  if (typeof message.content === "string") return message.content;
  return message.content
    .map((block) => (block.type === "tool_result" && typeof block.content === "string" ? block.content : ""))
    .join("\n");
}
