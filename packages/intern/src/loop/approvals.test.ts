import { expect, test } from "vitest";
import { z } from "zod";
import { type Approve, answerQuestions, approveAll, type Question } from "../approvals/answer-questions.ts";
import { Session } from "../session/session-store.ts";
import { call, publish, type TurnBench, turnBench, turnBenchOver } from "../testing/turn-bench.ts";
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
const tools = [send, publish];

/** A turn on that script with a face in front of it, and the questions that the face was asked. */
async function asked(approve: Approve): Promise<{ bench: TurnBench; questions: Question[] }> {
  done.length = 0;
  const bench = await turnBench(script);
  const questions: Question[] = [];
  const face: Approve = (question, signal) => {
    questions.push(question);
    return approve(question, signal);
  };
  using _ = answerQuestions(bench.session, { approve: face, tools, resumes: true, signal });
  await bench.turn({ presence: "person", tools });
  return { bench, questions };
}

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
  expect((await turn({ presence: "person", tools })).outcome).toBe("published");
  expect(done).toEqual(["c"]);
  expect(events.filter(({ type }) => type === "approval_asked")).toHaveLength(1);
  expect(JSON.stringify(engine.requests[1]?.messages.at(-1))).toMatch(/sent c.*Keep that here/);
});

test("where nobody can be asked, nothing leaves", async () => {
  done.length = 0;
  const { turn, engine } = await turnBench(script);
  await turn({ presence: "nobody", tools });
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
  await first.turn({ presence: "person", tools, signal: controller.signal });
  await first.session[Symbol.asyncDispose]();
  expect(done).toEqual([]);

  const session = await Session.open(first.home, first.session.state.id);
  const second = turnBenchOver(first.home, session, script.slice(1));
  using _ = answerQuestions(session, { approve: approveAll, tools, resumes: true, signal });
  await second.turn({ text: null, presence: "person", tools });
  expect(done).toEqual(["a", "b"]);
  const asked = (await session.past()).filter(({ type }) => type === "approval_asked");
  expect(asked).toHaveLength(1);
});

test("an edited call that does not fit its tool is told to the face before anything is kept", async () => {
  const problems: unknown[] = [];
  const { bench } = await asked(async ({ calls, check }) => {
    const [a, b] = calls.map(({ id }) => id);
    const answers = (input: Record<string, unknown>) => [
      { id: a ?? "", kind: "approve_edited", input } as const,
      { id: b ?? "", kind: "reject", words: "" } as const,
    ];
    problems.push(...check(answers({ what: 1 })));
    return answers({ what: "c" });
  });
  expect(problems).toEqual([{ id: expect.any(String), message: expect.stringContaining("what") }]);
  expect(done).toEqual(["c"]);
  expect(bench.events.filter(({ type }) => type === "approval_given")).toHaveLength(1);
});

test("what is not answered is asked about again, alone", async () => {
  const { questions } = await asked(async ({ calls }) => [{ id: calls[0]?.id ?? "", kind: "approve" }]);
  expect(questions.map(({ calls }) => calls.map(({ input }) => input.what))).toEqual([["a", "b"], ["b"]]);
  expect(done).toEqual(["a", "b"]);
});

test("a question that was answered elsewhere is taken back from the face", async () => {
  done.length = 0;
  const { turn, session } = await turnBench(script);
  const withdrawn: unknown[] = [];
  const approve: Approve = ({ request, calls }, gone) => {
    const answers = calls.map(({ id }) => ({ id, kind: "reject", words: "" }) as const);
    void session.append({ type: "approval_given", request, answers });
    return new Promise((_, reject) => {
      gone.addEventListener("abort", () => {
        withdrawn.push(request);
        reject(gone.reason);
      });
    });
  };
  using _ = answerQuestions(session, { approve, tools, resumes: true, signal });
  expect((await turn({ presence: "person", tools })).outcome).toBe("published");
  expect(withdrawn).toHaveLength(1);
  expect(done).toEqual([]);
});

test("a face that answers nonsense is told of, and the question stays open for others", async () => {
  done.length = 0;
  const { turn, session, events } = await turnBench(script);
  const controller = new AbortController();
  const approve: Approve = async () => [{ id: "another", kind: "approve" }];
  using _ = answerQuestions(session, { approve, tools, resumes: true, signal: controller.signal });
  session.subscribe((event) => {
    if (event.type === "notice" && event.level === "warn") controller.abort();
  });
  const { outcome } = await turn({ presence: "person", tools, signal: controller.signal });
  expect(outcome).toBe("stopped");
  expect(events).toContainEqual(
    expect.objectContaining({ type: "notice", text: expect.stringContaining("could not be asked") }),
  );
  expect(session.state.approvals.requests).toMatchObject([{ calls: [{}, {}], answers: [] }]);
});

test("who says something else after a stop is not asked about the call that they stopped", async () => {
  done.length = 0;
  const { turn, session } = await turnBench(script);
  const controller = new AbortController();
  const stopped = session.subscribe(({ type }) => type === "approval_asked" && controller.abort());
  await turn({ presence: "person", tools, signal: controller.signal });
  stopped();
  let questions = 0;
  const approve: Approve = async (question) => {
    questions++;
    return approveAll(question, signal);
  };
  using _ = answerQuestions(session, { approve, tools, resumes: false, signal });
  await turn({ text: "Publish at once.", presence: "person", tools });
  expect(questions).toBe(0);
  expect(session.state.approvals.requests.flatMap(({ calls }) => calls)).toEqual([]);
});
