import type { Check } from "./check.ts";

/**
 * Each `tool_use` is answered in the very next user turn, by one `tool_result` that stands before everything else.
 * Neighbouring messages of the same role are one turn; messages of role `system` are none.
 */
export const checkToolResults: Check = ({ messages }) => {
  let turn = newTurn(null);
  /** Calls that wait for their result, with the message that each stands in. */
  const open = new Map<string, number>();
  for (const [index, { role, content }] of messages.entries()) {
    if (role === "system") continue;
    if (role !== turn.role) {
      if (role === "assistant" && open.size > 0) return unanswered(open);
      turn = newTurn(role);
    }
    if (typeof content === "string") {
      turn.hasOther = true;
      continue;
    }
    for (const [at, block] of content.entries()) {
      if (block.type === "tool_use") {
        if (open.has(block.id)) return `${placeOf(index, at)}: \`tool_use\` ids must be unique`;
        open.set(block.id, index);
      } else if (block.type !== "tool_result") {
        turn.hasOther = true;
      } else {
        const id = block.tool_use_id;
        if (turn.answered.has(id)) return answeredTwice(placeOf(index, at), id);
        if (!open.has(id)) return unexpected(placeOf(index, at), id);
        if (turn.hasOther) return unanswered(open);
        open.delete(id);
        turn.answered.add(id);
      }
    }
  }
  return open.size > 0 ? unanswered(open) : null;
};

interface Turn {
  readonly role: "user" | "assistant" | null;
  readonly answered: Set<string>;
  /** Whether something other than results stands in it so far. */
  hasOther: boolean;
}

function newTurn(role: Turn["role"]): Turn {
  return { role, answered: new Set(), hasOther: false };
}

function placeOf(message: number, block: number): string {
  return `messages.${message}.content.${block}`;
}

function unanswered(open: ReadonlyMap<string, number>): string {
  const [index] = open.values();
  return `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${[...open.keys()].join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
}

function unexpected(path: string, id: string): string {
  return `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
}

function answeredTwice(path: string, id: string): string {
  return `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
}
