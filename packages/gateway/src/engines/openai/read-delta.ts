import type { ChatDelta } from "./chat-chunk.ts";
import type { ThoughtOrText } from "./think-tags.ts";

/** What a delta adds to the model's thinking and to its text, from whichever of its fields. */
export function* readDelta(delta: ChatDelta): Generator<ThoughtOrText> {
  const { content } = delta;
  const thinking = delta.reasoning_content || delta.reasoning || detailsText(delta);
  if (thinking) yield { kind: "thinking", text: thinking };
  if (typeof content === "string") {
    if (content !== "") yield { kind: "text", text: content };
    return;
  }
  for (const part of content ?? []) {
    if (part.type === "text" && part.text) yield { kind: "text", text: part.text };
    const thought = typeof part.thinking === "string" ? part.thinking : joined(part.thinking);
    if (part.type === "thinking" && thought !== "") yield { kind: "thinking", text: thought };
  }
}

function detailsText({ reasoning_details: details }: ChatDelta): string {
  return (details ?? []).map(({ text, summary }) => text ?? summary ?? "").join("");
}

function joined(parts: readonly { readonly text?: string | undefined }[] | undefined): string {
  return (parts ?? []).map(({ text }) => text ?? "").join("");
}
