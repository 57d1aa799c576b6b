import { expect, test } from "vitest";
import { Session } from "../session/session-store.ts";
import { call, echo, publish, turnBench, turnBenchOver } from "../testing/turn-bench.ts";

const same = call("echo", { text: "again" });

test("a model that goes round in circles is told so, once, and where nothing helps the turn ends", async () => {
  const { turn, engine, session } = await turnBench(() => same, { max_iterations: 100 });
  expect(await turn({ tools: [echo] })).toMatchObject({ outcome: "failed", cause: { code: "loop/stuck" } });
  const fired = (await session.past()).filter((event) => event.type === "guard_fired");
  expect(fired.map(({ guard, level }) => [guard, level])).toEqual([
    ["repetition", 1],
    ["repetition", 2],
    ["repetition", 3],
  ]);
  const last = engine.requests.at(-1)?.messages.at(-1);
  expect(last).toEqual({ role: "user", content: fired.at(-1)?.guidance });
});

test("a session that is taken up again remembers what was repeated before", async () => {
  const first = await turnBench([same, same], { max_iterations: 2 });
  await first.turn({ tools: [echo] });
  await first.session.append({ type: "options_changed", options: { max_iterations: 20 } });
  await first.session[Symbol.asyncDispose]();
  const session = await Session.open(first.home, first.session.state.id);
  const { turn } = turnBenchOver(first.home, session, [same, call("publish", {}), { text: "." }]);
  expect((await turn({ text: null, tools: [echo, publish] })).outcome).toBe("published");
  const fired = (await session.past()).filter((event) => event.type === "guard_fired");
  expect(fired).toHaveLength(1);
});
