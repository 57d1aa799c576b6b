import type { Usage } from "@ml-intern/messages";
import { expect, test } from "vitest";
import { turnBench } from "../testing/turn-bench.ts";
import { BudgetKeeper } from "./budget-keeper.ts";
import { type BudgetSettings, limitsOf } from "./budget-limits.ts";
import { createPrices } from "./prices.ts";
import type { RequestPlan } from "./request-expenses.ts";

/** $2 for a million tokens of a prompt, $2.50 to write it to a cache, $10 for an answer. */
const MODELS = { "*": { input: 2, cacheWrite5m: 2.5, cacheWrite1h: 4, cacheRead: 0.1, output: 10 } };

async function keeper(settings: BudgetSettings, models: typeof MODELS | null = MODELS) {
  const { session } = await turnBench([]);
  const prices = createPrices(models === null ? {} : { models }, { isLocal: () => false });
  const limits = limitsOf({ keepBackPercent: 10, ...settings });
  return { session, budget: new BudgetKeeper({ session, limits, prices }) };
}

function usage(read: number, written: number, output = 0): Usage {
  return {
    input_tokens: 0,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
  };
}

const ordinary = { isFinishing: false };

async function reserve(budget: BudgetKeeper, plan: RequestPlan): Promise<string> {
  const grant = budget.planRequest(plan, ordinary);
  if (grant.kind === "refused") throw new Error(grant.cause.message);
  await budget.reserve(grant);
  return grant.id;
}

test("the output that is asked for shrinks to what the budget still pays", async () => {
  const { budget } = await keeper({ usd: 0.1, keepBackPercent: 0 });
  // 32,000 tokens at $2.50 are $0.08, and what is left pays for 2,000 tokens at $10.
  expect(budget.planRequest({ promptTokens: 32_000, maxTokens: 16_000 }, ordinary)).toMatchObject({
    kind: "granted",
    maxTokens: 2_000,
  });
});

test("a request that could exceed the budget is refused before it is sent", async () => {
  const { budget, session } = await keeper({ usd: 0.1 });
  const grant = budget.planRequest({ promptTokens: 40_000, maxTokens: 16_000 }, ordinary);
  expect(grant).toMatchObject({ kind: "refused", cause: { code: "budget/spent" } });
  expect(session.state.budget.open.size).toBe(0);
});

test("what is kept back is open to finishing", async () => {
  const { budget } = await keeper({ usd: 1 });
  const plan = { promptTokens: 370_000, maxTokens: 2_000 };
  expect(budget.planRequest(plan, ordinary).kind).toBe("refused");
  expect(budget.planRequest(plan, { isFinishing: true }).kind).toBe("granted");
});

test("a limit of tokens holds as well", async () => {
  const { budget } = await keeper({ tokens: 100_000, keepBackPercent: 0 });
  const grant = budget.planRequest({ promptTokens: 97_000, maxTokens: 16_000 }, ordinary);
  expect(grant).toMatchObject({ kind: "granted", maxTokens: 3_000 });
});

test("a cap with an unknown price is refused, and without a cap it is said that nothing is counted", async () => {
  const capped = await keeper({ usd: 1 }, null);
  const plan = { promptTokens: 10, maxTokens: 10 };
  expect(capped.budget.planRequest(plan, ordinary)).toMatchObject({
    kind: "refused",
    cause: { code: "budget/unknown_price" },
  });
  const { budget, session } = await keeper({}, null);
  await reserve(budget, plan);
  const notices = (await session.past()).filter(({ type }) => type === "notice");
  expect(notices).toMatchObject([{ text: expect.stringContaining("scripted/default") }]);
});

test("what came is settled, with what the cache saved, and shares of the limit are said once", async () => {
  const { budget, session } = await keeper({ usd: 10, keepBackPercent: 0 });
  const id = await reserve(budget, { promptTokens: 1_000_000, maxTokens: 1_000 });
  const came = usage(1_000_000, 2_000_000, 10_000);
  expect(budget.costOf(came)).toBe(5.2);
  await budget.settleRequest(id, came);
  await budget.settleRequest(id, came);
  expect(session.state.budget.spent.usd).toBe(5_200_000_000_000n);
  expect(session.state.spent).toEqual({
    usd: 5.2,
    unpriced: false,
    input_tokens: 3_000_000,
    cache_read_tokens: 1_000_000,
    cache_write_tokens: 2_000_000,
    output_tokens: 10_000,
    saved_usd: 0.9,
  });
  const marks = (await session.past()).filter((event) => event.type === "budget_mark");
  expect(marks.map(({ percent }) => percent)).toEqual([50]);
});

test("what a crash left open is settled with the prompt, or with what had arrived of the answer", async () => {
  const { budget, session } = await keeper({ usd: 10 });
  await reserve(budget, { promptTokens: 100_000, maxTokens: 1_000 });
  await budget.closeOpen(null);
  expect(session.state.budget.spent.usd).toBe(250_000_000_000n);
  await reserve(budget, { promptTokens: 100_000, maxTokens: 1_000 });
  await budget.closeOpen(usage(100_000, 0));
  expect(session.state.budget.spent.usd).toBe(260_000_000_000n);
  expect(session.state.budget.open.size).toBe(0);
});
