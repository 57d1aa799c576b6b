import { openAiChunk } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import type { ChatChunk } from "./chat-chunk.ts";
import { TextTemplate } from "./text-template.ts";

const textOf = (json: unknown): unknown => (json as ChatChunk).choices?.[0]?.delta?.content;
const chunk = (content: string, space?: number): string =>
  JSON.stringify(openAiChunk({ role: "assistant", content }), null, space);

function learnt(data: string): TextTemplate {
  const template = new TextTemplate();
  template.learn(data, textOf);
  return template;
}

it.each(["", "plain", 'a "quote" and a \\', "line\nend\u2028", "é😀", "\ud83d", '"}}],"x":"'])(
  "reads the text %j from a chunk that is otherwise the same",
  (text) => {
    for (const space of [0, 1]) expect(learnt(chunk("first", space)).read(chunk(text, space))).toBe(text);
    const escaped = chunk(text).replace(
      /[\u0080-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    expect(learnt(chunk("first")).read(escaped)).toBe(text);
  },
);

it("reads nothing from a chunk that differs in anything else, or is no JSON", () => {
  const template = learnt(chunk("first"));
  const good = chunk("x");
  const others = [
    "",
    "[DONE]",
    good.slice(1),
    good.slice(0, -1),
    JSON.stringify(openAiChunk({ role: "assistant", content: "x" }, "stop")),
    JSON.stringify(openAiChunk({ role: "assistant", content: null })),
    good.replace('"x"', "1"),
    good.replace('"x"', "null"),
    good.replace('"x"', '"x'),
    good.replace('"x"', '"x","content":"y"'),
    good.replace('"x"', '"\n"'),
    good.replace('"x"', '"\\x"'),
    good.replace('"x"', '"x"}}],"choices":[{"delta":{"content":"y"'),
  ];
  for (const other of others) expect(template.read(other), other).toBeNull();
});

it("is not led astray by another field of that name", () => {
  const data = JSON.stringify({ note: { content: "other" }, ...openAiChunk({ content: "text" }) });
  expect(learnt(data).read(data)).toBeNull();
});

it("stops learning from an endpoint whose chunks have nothing in common", () => {
  const template = new TextTemplate();
  const numbered = (id: number): string => JSON.stringify({ ...openAiChunk({ content: "a" }), id });
  for (let id = 0; id < 10; id++) {
    expect(template.read(numbered(id))).toBeNull();
    template.learn(numbered(id), textOf);
  }
  expect(template.read(numbered(3))).toBe("a");
  expect(template.read(numbered(9))).toBeNull();
});
