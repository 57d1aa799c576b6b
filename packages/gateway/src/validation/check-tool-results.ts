import type { Check } from "./check.ts";
import { type Turn, turnsOf } from "./turns.ts";

/** Each `tool_use` is answered in the very next user turn, by one `tool_result` that stands before everything else. */
export const checkToolResults: Check = (request) => {
  let calls: readonly string[] = [];
  const turns = turnsOf(request);
  for (const [index, turn] of turns.entries()) {
    if (turn.role === "user") {
      const fault = faultInResults(turn, calls);
      if (fault) return fault;
      calls = [];
      continue;
    }
    calls = turn.blocks.flatMap(({ block }) => (block.type === "tool_use" ? [block.id] : []));
    const answered = new Set(resultIds(turns[index + 1]));
    const open = calls.filter((id) => !answered.has(id));
    if (open.length > 0) {
      return `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
  }
  return null;
};

function resultIds(turn: Turn | undefined): readonly string[] {
  return turn?.blocks.flatMap(({ block }) => (block.type === "tool_result" ? [block.tool_use_id] : [])) ?? [];
}

function faultInResults(turn: Turn, calls: readonly string[]): string | null {
  const seen = new Set<string>();
  let first: string | null = null;
  for (const { path, block } of turn.blocks) {
    if (block.type !== "tool_result") {
      first ??= path;
      continue;
    }
    const id = block.tool_use_id;
    if (!calls.includes(id)) {
      return `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
    if (seen.has(id)) {
      return `${path}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`;
    }
    if (first) return `${first}: \`tool_result\` blocks must come first; other content may only follow them`;
    seen.add(id);
  }
  return null;
}
