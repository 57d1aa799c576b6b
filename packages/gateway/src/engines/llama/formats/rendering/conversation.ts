import type { CountTokensRequest, InputBlock } from "@ml-intern/messages";
import { contentBlocks } from "../../../../validation/turns.ts";
import { systemPrompt } from "../../../system-prompt.ts";
import { blockText, resultText } from "./block-text.ts";
import type { SpecialText } from "./special-text.ts";
import type { TemplateMessage } from "./template-message.ts";

/**
 * The conversation of a request, its system prompt first. Neighbours of the same role are one message. Texts of special
 * tokens in it are seamed, so that they stay text.
 */
export function conversation(request: CountTokensRequest, special: SpecialText): readonly TemplateMessage[] {
  const system = systemPrompt(request.system);
  const messages: TemplateMessage[] =
    system === "" ? [] : [{ role: "system", content: special.seam(system) }];
  const names = new Map<string, string>();
  for (const [index, { role, content }] of request.messages.entries()) {
    const blocks = contentBlocks(content);
    const path = `messages.${index}.content`;
    for (const block of blocks) if (block.type === "tool_use") names.set(block.id, block.name);
    const written =
      role === "assistant"
        ? [assistantMessage(blocks, path)]
        : role === "system"
          ? [reminder(blocks, path)]
          : userMessages(blocks, { path, names });
    for (const message of written) append(messages, special.seam(message));
  }
  return messages;
}

/** Many templates refuse a system message that is not the first. */
function reminder(blocks: readonly InputBlock[], path: string): TemplateMessage {
  const text = blocks.map((block, at) => blockText(block, `${path}.${at}`)).join("\n\n");
  return { role: "user", content: `<system-reminder>\n${text}\n</system-reminder>` };
}

function assistantMessage(blocks: readonly InputBlock[], path: string): TemplateMessage {
  const calls = blocks.flatMap((block) =>
    block.type === "tool_use" ? [{ id: shortId(block.id), name: block.name, input: block.input }] : [],
  );
  const thinking = blocks.flatMap((block) => (block.type === "thinking" ? block.thinking : [])).join("\n\n");
  const texts = blocks.flatMap((block, at) => {
    const isSaid =
      block.type !== "tool_use" && block.type !== "thinking" && block.type !== "redacted_thinking";
    return isSaid ? [blockText(block, `${path}.${at}`)] : [];
  });
  return {
    role: "assistant",
    content: texts.join("\n\n"),
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { calls }),
  };
}

function userMessages(
  blocks: readonly InputBlock[],
  { path, names }: { readonly path: string; readonly names: ReadonlyMap<string, string> },
): readonly TemplateMessage[] {
  const results: TemplateMessage[] = [];
  const texts: string[] = [];
  for (const [at, block] of blocks.entries()) {
    if (block.type !== "tool_result") {
      texts.push(blockText(block, `${path}.${at}`));
      continue;
    }
    results.push({
      role: "tool",
      content: resultText(block, `${path}.${at}`),
      callId: shortId(block.tool_use_id),
      name: names.get(block.tool_use_id) ?? "tool",
    });
  }
  return texts.length === 0 ? results : [...results, { role: "user", content: texts.join("\n\n") }];
}

function append(messages: TemplateMessage[], next: TemplateMessage): void {
  const last = messages.at(-1);
  if (last?.role !== next.role || next.role === "tool") {
    messages.push(next);
    return;
  }
  const calls = [...(last.calls ?? []), ...(next.calls ?? [])];
  const thinking = joinTexts(last.thinking ?? "", next.thinking ?? "");
  messages[messages.length - 1] = {
    role: next.role,
    content: joinTexts(last.content, next.content),
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { calls }),
  };
}

export function joinTexts(first: string, second: string, separator: string = "\n\n"): string {
  return [first, second].filter((text) => text !== "").join(separator);
}

/** Nine letters and digits, the same ones for the same id: Mistral's templates demand it. */
function shortId(id: string): string {
  let [high, low] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  const number = (high >>> 0) * 2 ** 21 + ((low >>> 0) & 0x1fffff);
  return number.toString(36).padStart(9, "0").slice(-9);
}
