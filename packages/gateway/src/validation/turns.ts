import type { CountTokensRequest, InputBlock, InputMessage } from "@ml-intern/messages";

export interface PlacedBlock {
  /** Where it stands in the body, such as `messages.2.content.0`. */
  readonly path: string;
  readonly block: InputBlock;
}

export interface Turn {
  readonly role: "user" | "assistant";
  /** Index of its first message. */
  readonly index: number;
  readonly blocks: readonly PlacedBlock[];
}

/** A message's content as blocks: a string is one text block. */
export function contentBlocks(content: InputMessage["content"]): readonly InputBlock[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The conversation as the model sees it: neighbours of the same role are one turn. Messages of role `system` are left out. */
export function turnsOf({ messages }: Pick<CountTokensRequest, "messages">): readonly Turn[] {
  const turns: Turn[] = [];
  messages.forEach(({ role, content }, index) => {
    if (role === "system") return;
    const blocks = contentBlocks(content).map((block, at) => ({
      path: `messages.${index}.content.${at}`,
      block,
    }));
    const last = turns.at(-1);
    if (last?.role === role) turns[turns.length - 1] = { ...last, blocks: [...last.blocks, ...blocks] };
    else turns.push({ role, index, blocks });
  });
  return turns;
}
