import { text, tool } from "../../validation/testing/request-parts.ts";
import type { Measure } from "../measure.ts";
import type { PromptPlace } from "../prompt/prompt-block.ts";
import type { Sketch, SketchedBlock } from "./random-prompt.ts";

/** A sketch as a request, with the place of each block. */
export interface WrittenSketch {
  readonly body: Readonly<Record<string, unknown>>;
  readonly places: readonly PromptPlace[];
}

type Message = { readonly role: string; readonly content: object[] };

export function writeSketch(sketch: Sketch): WrittenSketch {
  const tools: object[] = [];
  const system: object[] = [];
  const messages: Message[] = [];
  const places = sketch.map((block): PromptPlace => {
    const written = writeBlock(block);
    switch (block.kind) {
      case "tool":
        return { section: "tools", index: tools.push(written) - 1 };
      case "system":
        return { section: "system", index: system.push(written) - 1 };
      default: {
        const role = roleOf(block);
        if (messages.at(-1)?.role !== role) messages.push({ role, content: [] });
        const content = messages.at(-1)?.content ?? [];
        return { section: "messages", message: messages.length - 1, block: content.push(written) - 1 };
      }
    }
  });
  return { body: { tools, system, messages }, places };
}

/** The tokens through each block of a sketch, last the whole: a letter is one, and every block has three more. */
export function lengthsOf(sketch: Sketch): readonly number[] {
  let sum = 0;
  return sketch.map(({ text: words }) => {
    sum += words.length + 3;
    return sum;
  });
}

export function measureSketch(sketch: Sketch, { places }: WrittenSketch): Measure {
  const through = lengthsOf(sketch);
  const lengths = new Map(places.map((place, at) => [JSON.stringify(place), through[at]]));
  return async (asked) => ({
    total: through.at(-1) ?? 0,
    at: asked.map((place) => lengths.get(JSON.stringify(place)) ?? Number.NaN),
  });
}

function roleOf({ kind }: SketchedBlock): string {
  return kind === "user" || kind === "result" ? "user" : "assistant";
}

function writeBlock({ kind, text: words, marker }: SketchedBlock): object {
  const mark = marker === null ? {} : { cache_control: { type: "ephemeral", ttl: marker } };
  switch (kind) {
    case "tool":
      return tool({ name: words, ...mark });
    case "thinking":
      return { type: "thinking", thinking: words, signature: "s" };
    case "call":
      return { type: "tool_use", id: words, name: "f", input: {}, ...mark };
    case "result":
      return { type: "tool_result", tool_use_id: words, content: "ok", ...mark };
    default:
      return text(words, mark);
  }
}
