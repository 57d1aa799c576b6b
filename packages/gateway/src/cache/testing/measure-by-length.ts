import type { CountTokensRequest } from "@ml-intern/messages";
import type { Measure } from "../measure.ts";
import type { PromptPlace } from "../prompt/prompt-block.ts";

/** A token for each character of a text, 10 for a tool, and 5 for every other block. */
export function measureByLength(request: CountTokensRequest): Measure {
  const lengths = new Map(lengthsOf(request));
  return async (places) => {
    const through = new Map<string, number>();
    let total = 0;
    for (const [place, length] of lengths) {
      total += length;
      through.set(place, total);
    }
    return { total, at: places.map((place) => through.get(nameOf(place)) ?? Number.NaN) };
  };
}

function* lengthsOf({
  tools = [],
  system = [],
  messages,
}: CountTokensRequest): Generator<readonly [string, number]> {
  for (const index of tools.keys()) yield [nameOf({ section: "tools", index }), 10];
  for (const [index, block] of parts(system)) yield [nameOf({ section: "system", index }), lengthOf(block)];
  for (const [message, { content }] of messages.entries()) {
    for (const [block, part] of parts(content)) {
      yield [nameOf({ section: "messages", message, block }), lengthOf(part)];
    }
  }
}

function parts(content: string | readonly object[]): Iterable<readonly [number, object]> {
  return (typeof content === "string" ? [{ text: content }] : content).entries();
}

function lengthOf(block: object): number {
  return "text" in block && typeof block.text === "string" ? block.text.length : 5;
}

function nameOf(place: PromptPlace): string {
  return place.section === "messages"
    ? `messages.${place.message}.${place.block}`
    : `${place.section}.${place.index}`;
}
