import { expect, test } from "vitest";
import { z } from "zod";
import { answerQuestions } from "../approvals/answer-questions.ts";
import { Session } from "../session/session-store.ts";
import { call, publish, turnBench, turnBenchOver } from "../testing/turn-bench.ts";
import { defineTool, type Tool } from "../tools/define-tool.ts";

const done: string[] = [];

/** Reaches beyond the machine, so that it is asked about. */
const send: Tool = defineTool({
  name: "send",
  description: "Sends something away.",
  input: z.strictObject({ what: z.string() }),
  facts: () => ({ hosts: ["example.org"] }),
  async execute({ what }) {
    done.push(what);
    return `sent ${what}`;
  },
});

const two = {
  toolCalls: [
    { name: "send", input: { what: "a" } },
    { name: "send", input: { what: "b" } },
  ],
};
const script = [two, call("publish", {}), { text: "." }];
const signal = new AbortController().signal;

test("all calls of an answer that need a word are asked about together, and made when it is given", async () => {
  done.length = 0;
  const { turn, session, engine, events } = await turnBench(script);
  session.subscribe((event) => {
    if (event.type !== "approval_asked") return;
    const [a, b] = event.calls.map(({ id }) => id);
    void session.append({
      type: "approval_given",
      request: event.request,
      answers: [
        { id: a ?? "", kind: "approve_edited", input: { what: "c" } },
        { id: b ?? "", kind: "reject", words: "Keep that here." },
      ],
    });
  });
  expect((await turn({ presence: "person", tools: [send, publish] })).outcome).toBe("published");
  expect(done).toEqual(["c"]);
  expect(events.filter(({ type }) => type === "approval_asked")).toHaveLength(1);
  expect(JSON.stringify(engine.requests[1]?.messages.at(-1))).toMatch(/sent c.*Keep that here/);
});

test("where nobody can be asked, nothing leaves", async () => {
  done.length = 0;
  const { turn, engine } = await turnBench(script);
  await turn({ presence: "nobody", tools: [send, publish] });
  expect(done).toEqual([]);
  expect(JSON.stringify(engine.requests[1]?.messages.at(-1))).toMatch(/approval\/nobody.*approval\/nobody/);
});

test("a question outlives a restart, and is answered by whoever comes", async () => {
  done.length = 0;
  const controller = new AbortController();
  const first = await turnBench([two]);
  first.session.subscribe((event) => {
    if (event.type === "approval_asked") controller.abort();
  });
  await first.turn({ presence: "person", tools: [send, publish], signal: controller.signal });
  await first.session[Symbol.asyncDispose]();
  expect(done).toEqual([]);

  const session = await Session.open(first.home, first.session.state.id);
  const second = turnBenchOver(first.home, session, script.slice(1));
  using _ = answerQuestions(session, { approve: async () => true, signal });
  await second.turn({ text: null, presence: "person", tools: [send, publish] });
  expect(done).toEqual(["a", "b"]);
  const asked = (await session.past()).filter(({ type }) => type === "approval_asked");
  expect(asked).toHaveLength(1);
});
