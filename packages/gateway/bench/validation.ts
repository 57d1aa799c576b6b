// What it costs to read and check a request, beside the JSON parser alone:
//   npm run bench:validation
import { parseBody } from "../src/validation/parse-body.ts";
import { validateCreate } from "../src/validation/validate-request.ts";
import { machine, quantile, table } from "./support/figures.ts";

const HEADERS = new Headers({ "anthropic-version": "2026-10-21" });
const marker = { cache_control: { type: "ephemeral" } };

/** An agent's conversation: calls with their results, and tools. */
function conversation(messages: number, tools: number): object {
  const steps = Array.from({ length: (messages - 2) / 2 }, (_, step) => [
    {
      role: "assistant",
      content: [
        { type: "text", text: "I will look at the file. ".repeat(4) },
        {
          type: "tool_use",
          id: `toolu_${step}`,
          name: "tool_1",
          input: { path: "/src/index.ts", lines: [1, 80] },
        },
      ],
    },
    {
      role: "user",
      content: [
        {
          type: "tool_result",
          tool_use_id: `toolu_${step}`,
          content: [{ type: "text", text: "line\n".repeat(200) }],
        },
      ],
    },
  ]).flat();
  return {
    model: "openai/m",
    max_tokens: 4096,
    stream: true,
    system: [{ type: "text", text: "You are a careful engineer. ".repeat(100), ...marker }],
    messages: [
      { role: "user", content: "What does this do?" },
      ...steps,
      { role: "user", content: "And now?" },
    ],
    tools: Array.from({ length: tools }, (_, index) => ({
      name: `tool_${index}`,
      description: "Reads a part of a file and gives it back with line numbers. ".repeat(4),
      input_schema: {
        type: "object",
        properties: { path: { type: "string" }, lines: { type: "array", items: { type: "integer" } } },
        required: ["path"],
      },
    })),
    thinking: { type: "adaptive" },
    metadata: { user_id: "user" },
  };
}

function shortMessages(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    role: index % 2 === 0 ? "user" : "assistant",
    content: "A short message.",
  }));
}

function microseconds(work: () => void, rounds: number): number {
  for (let round = 0; round < rounds; round++) work();
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now();
    work();
    return (performance.now() - started) * 1000;
  });
  return quantile(times, 0.5);
}

const rows = [
  { name: "10 messages, 5 tools", body: conversation(10, 5), rounds: 2000 },
  { name: "100 messages, 20 tools", body: conversation(100, 20), rounds: 500 },
  {
    name: "100,000 short messages",
    body: { ...conversation(10, 5), messages: shortMessages(100_000) },
    rounds: 5,
  },
].map(({ name, body, rounds }) => {
  const text = JSON.stringify(body);
  const bytes = new TextEncoder().encode(text);
  return [
    name,
    `${(bytes.length / 1024).toFixed(0)} KB`,
    ...[() => JSON.parse(text), () => parseBody(bytes), () => validateCreate(body, HEADERS)].map((work) =>
      microseconds(work, rounds).toFixed(0),
    ),
  ];
});

console.log(machine());
console.log(table(["request", "size", "JSON.parse µs", "bytes to value µs", "validation µs"], rows));
