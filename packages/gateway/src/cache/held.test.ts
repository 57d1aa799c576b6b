import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { marked, text, user } from "../validation/testing/request-parts.ts";
import { measureByLength } from "./testing/measure-by-length.ts";
import { testCache, validated } from "./testing/test-cache.ts";

/** Ten tokens a letter, with a marker behind each letter in capitals. */
function prompt(letters: string): object {
  const blocks = [...letters].map((letter) =>
    text(letter.toLowerCase().repeat(10), letter === letter.toUpperCase() ? marked() : {}),
  );
  return { messages: [user(blocks)] };
}

function holding(body: object, held: number) {
  const measure = measureByLength(validated(body));
  return { measure: async (places: Parameters<typeof measure>[0]) => ({ ...(await measure(places)), held }) };
}

it("what the engine holds no more is written again, up to the longest entry that it holds", async () => {
  verifies("caching.only-what-is-held");
  const { ask, plan } = testCache();
  await ask(prompt("AbC"));
  await ask(prompt("abcD"));
  const again = prompt("abcdE");
  const splits = [];
  for (const held of [50, 40, 39, 30, 29, 10, 9, 0]) {
    const { usage, readTokens, lostTokens } = await plan(again, holding(again, held));
    const { inputTokens, cacheCreationTokens, total } = usage;
    expect(inputTokens + readTokens + cacheCreationTokens["5m"]).toBe(total);
    splits.push([held, readTokens, cacheCreationTokens["5m"], lostTokens]);
  }
  expect(splits).toEqual([
    [50, 40, 10, 0],
    [40, 40, 10, 0],
    [39, 30, 20, 10],
    [30, 30, 20, 10],
    [29, 10, 40, 30],
    [10, 10, 40, 30],
    [9, 0, 50, 40],
    [0, 0, 50, 40],
  ]);
});

it("an entry that was lost is read again once its prompt is held again", async () => {
  const { ask } = testCache();
  const body = prompt("aB");
  await ask(body);
  expect(await ask(body, holding(body, 0))).toEqual([0, 20, 0, 0]);
  expect(await ask(body, holding(body, 20))).toEqual([20, 0, 0, 0]);
  expect(await ask(body)).toEqual([20, 0, 0, 0]);
});

it("only what is read lives on", async () => {
  const { ask } = testCache();
  await ask(prompt("AB"), { at: 0 });
  const longer = prompt("abC");
  await ask(longer, { at: 200, ...holding(longer, 10) });
  expect(await ask(prompt("aB"), { at: 400 })).toEqual([10, 10, 0, 0]);
});
