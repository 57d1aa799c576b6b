import type { AskedCall } from "@ml-intern/intern";
import { expect, test } from "vitest";
import { askPerson } from "./ask-person.ts";
import { createStyle } from "./style.ts";

const CALL: AskedCall = {
  ...{ id: "a", tool: "web_fetch", origin: "built-in", input: { url: "https://a.example" } },
  ...{ read_only: true, estimated_usd: 0, hosts: ["a.example"], target: null },
  ...{ rule: "default:rest", why: "It reaches beyond this machine." },
};

/** What a person reads before they answer. */
async function shown(agent: string, calls: readonly AskedCall[]): Promise<string> {
  let text = "";
  const out = (part: string): unknown => (text += part);
  const signal = AbortSignal.abort();
  const question = { request: "r", agent, calls, check: () => [] };
  await askPerson(question, { style: createStyle(false), out, env: {}, signal }).catch(() => undefined);
  return text;
}

test("what a sub-agent asks is said to be its question", async () => {
  expect(await shown("main", [CALL])).toMatch(/^\nAllow web_fetch\?\n/);
  expect(await shown("main/research", [CALL])).toMatch(/^\nA research agent asks: Allow web_fetch\?\n/);
  const two = await shown("main/research", [CALL, { ...CALL, id: "b" }]);
  expect(two).toMatch(/^\n\(1 of 2 calls\) A research agent asks: Allow web_fetch\?\n/);
});
