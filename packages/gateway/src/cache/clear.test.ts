import { expect, it } from "vitest";
import { marked, text, user } from "../validation/testing/request-parts.ts";
import { testCache } from "./testing/test-cache.ts";

const PROMPT = { messages: [user([text("0123456789", marked())])] };
const HOUR = { messages: [user([text("01234", marked("1h"))])] };

/** Two workspaces with two models each, at second 0. */
async function filled() {
  const cache = testCache();
  for (const workspace of ["one", "two"])
    for (const model of ["e/a", "e/b"]) await cache.ask(PROMPT, { at: 0, workspace, model });
  await cache.ask(HOUR, { workspace: "one", model: "e/b" });
  const held = async () =>
    (await cache.prompts.held()).map(({ workspace, model, entries, tokens }) =>
      [workspace, model, entries, tokens].join(" "),
    );
  return { ...cache, held };
}

it("says what is held of which workspace and model, and nothing that has ended", async () => {
  const { held, plan } = await filled();
  expect(await held()).toEqual(["one e/a 1 10", "one e/b 2 15", "two e/a 1 10", "two e/b 1 10"]);
  await plan({ messages: [user("Later")] }, { at: 301 });
  expect(await held()).toEqual(["one e/b 1 5"]);
});

it.each([
  [{ workspace: "one" }, ["two e/a 1 10", "two e/b 1 10"]],
  [{ model: "e/b" }, ["one e/a 1 10", "two e/a 1 10"]],
  [{ workspace: "two", model: "e/a" }, ["one e/a 1 10", "one e/b 2 15", "two e/b 1 10"]],
  [{ workspace: "three" }, ["one e/a 1 10", "one e/b 2 15", "two e/a 1 10", "two e/b 1 10"]],
  [{}, []],
])("forgets %o and nothing else", async (scope, left) => {
  const { held, prompts, ask } = await filled();
  await prompts.clear(scope);
  expect(await held()).toEqual(left);
  const isLeft = left.some((line) => line.startsWith("one e/b"));
  expect(await ask(PROMPT, { workspace: "one", model: "e/b" })).toEqual(
    isLeft ? [10, 0, 0, 0] : [0, 10, 0, 0],
  );
});

it("an answer that begins after a clearing leaves nothing behind, unless it is another workspace's", async () => {
  for (const [scope, isKept] of [
    [{ workspace: "w" }, false],
    [{ model: "m" }, false],
    [{}, false],
    [{ workspace: "other" }, true],
  ] as const) {
    const { plan, prompts } = testCache();
    const planned = await plan(PROMPT);
    await prompts.clear(scope);
    planned.begun();
    expect(await prompts.held()).toHaveLength(isKept ? 1 : 0);
  }
});
