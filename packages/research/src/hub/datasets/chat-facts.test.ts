import { describe, expect, it } from "vitest";
import { chatFacts, trainingForms } from "./chat-facts.ts";

const user = { role: "user", content: "Hi" };
const assistant = { role: "assistant", content: "Hello" };

describe("conversations", () => {
  it("in ShareGPT's form are known, with what has to be done to train on them", () => {
    const rows = [
      {
        conversations: [
          { from: "human", value: "Hi" },
          { from: "gpt", value: "Hello" },
        ],
      },
    ];
    const chat = chatFacts(rows);
    expect(chat).toMatchObject({ form: "sharegpt", roles: { human: 1, gpt: 1 }, endWithAssistant: 1 });
    expect(trainingForms(["conversations"], chat)).toEqual([
      {
        method: "SFT",
        columns: ["conversations"],
        first: "rename conversations to messages; turn from/value into role/content",
      },
    ]);
  });

  it("that are kept as text are known, and one that ends with the user is not counted as answered", () => {
    const rows = [{ messages: JSON.stringify([user, assistant]) }, { messages: JSON.stringify([user]) }];
    expect(chatFacts(rows)).toMatchObject({
      conversations: 2,
      endWithAssistant: 1,
      messages: { least: 1, most: 2 },
    });
  });

  it.each([
    [[{ text: "[1, 2]" }]],
    [[{ tags: ["a", "b"] }]],
    [[{ boxes: [{ x: 1 }] }]],
    [[{ staff: [{ role: "cook" }] }]],
    [[]],
  ])("are not seen in %j", (rows) => {
    expect(chatFacts(rows)).toBeNull();
  });
});

it.each([
  [
    ["prompt", "chosen", "rejected"],
    ["DPO", "GRPO"],
  ],
  [["chosen", "rejected"], ["DPO"]],
  [["prompt", "completion"], ["SFT"]],
  [
    ["prompt", "completion", "label"],
    ["SFT", "KTO"],
  ],
  [["prompt", "answer"], ["GRPO"]],
  [["image", "label"], []],
])("columns %j train %j", (columns, methods) => {
  expect(trainingForms(columns, null).map(({ method }) => method)).toEqual(methods);
});

it("pairs of conversations are for preferences, not for imitation", () => {
  const rows = [{ chosen: [user, assistant], rejected: [user, assistant] }];
  expect(trainingForms(["chosen", "rejected"], chatFacts(rows)).map(({ method }) => method)).toEqual(["DPO"]);
});
