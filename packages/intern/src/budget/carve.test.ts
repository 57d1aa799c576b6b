import type { Usage } from "@ml-intern/messages";
import { expect, test } from "vitest";
import { Session } from "../session/session-store.ts";
import { turnBench } from "../testing/turn-bench.ts";
import { reservedIn } from "./budget-book.ts";
import { BudgetKeeper } from "./budget-keeper.ts";
import { type BudgetSettings, limitsOf } from "./budget-limits.ts";
import { dollars } from "./money.ts";
import { createPrices } from "./prices.ts";

const MODELS = { "*": { input: 1, cacheWrite5m: 1, cacheWrite1h: 1, cacheRead: 1, output: 1 } };
const RESEARCH = "main/research:toolu_1";

function keeperOf(session: Session, settings: BudgetSettings): BudgetKeeper {
  const prices = createPrices({ models: MODELS }, { isLocal: () => false });
  return new BudgetKeeper({ session, limits: limitsOf({ keepBackPercent: 0, ...settings }), prices });
}

/** A dollar is a million tokens. */
async function request(budget: BudgetKeeper, usd: number): Promise<string> {
  const grant = budget.planRequest({ promptTokens: usd * 1e6 - 1, maxTokens: 1 }, { isFinishing: false });
  if (grant.kind === "refused") throw new Error(`${grant.cause.code} ${grant.cause.message}`);
  await budget.reserve(grant);
  return grant.id;
}

async function spend(budget: BudgetKeeper, usd: number): Promise<void> {
  await budget.settleRequest(await request(budget, usd), usage(usd * 1e6));
}

function usage(input_tokens: number): Usage {
  return {
    input_tokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
  };
}

test("a sub-agent spends from the session's budget, up to its share of what was left", async () => {
  const { session } = await turnBench([]);
  const main = keeperOf(session, { usd: 10 });
  await spend(main, 2);
  const research = await main.carve({ agent: RESEARCH, share: 0.5 });
  await spend(research, 3);
  await expect(spend(research, 2)).rejects.toThrow(
    `more than is left of the $4.00 for ${RESEARCH}: $3.00 spent.`,
  );
  await spend(research, 1);
  await expect(spend(main, 5)).rejects.toThrow("more than is left of $10.00: $6.00 spent.");
  const { spent, agents } = session.state.budget;
  expect(dollars(spent.usd)).toBe(6);
  expect(agents.map(({ agent, spent }) => [agent, dollars(spent.usd)])).toEqual([[RESEARCH, 4]]);
});

test("a part is no reservation, and does not exempt from the session's own limits", async () => {
  const { session } = await turnBench([]);
  const main = keeperOf(session, { usd: 10 });
  const research = await main.carve({ agent: RESEARCH, share: 1 });
  await spend(main, 8);
  await expect(spend(research, 3)).rejects.toThrow("more than is left of $10.00: $8.00 spent.");
});

test("after a resume a sub-agent has the part that it had, and has spent what it had spent", async () => {
  const { session, home } = await turnBench([]);
  const research = await keeperOf(session, { usd: 10 }).carve({ agent: RESEARCH, share: 0.5 });
  await spend(research, 4);
  await session[Symbol.asyncDispose]();
  await using again = await Session.open(home, session.state.id);
  const resumed = await keeperOf(again, { usd: 100 }).carve({ agent: RESEARCH, share: 0.5 });
  await expect(spend(resumed, 2)).rejects.toThrow("the $5.00 for");
  await spend(resumed, 1);
  const carved = (await again.past()).filter(({ type }) => type === "budget_carved");
  expect(carved).toMatchObject([{ agent: RESEARCH, most: { usd: "5000000000000", tokens: null } }]);
});

test("what a sub-agent of a sub-agent spends is of both parts", async () => {
  const { session } = await turnBench([]);
  const research = await keeperOf(session, {}).carve({ agent: RESEARCH, limits: { tokens: 1_000_000 } });
  const reader = await research.carve({ agent: `${RESEARCH}/reader:toolu_2`, limits: { tokens: 900_000 } });
  await spend(research, 0.5);
  await expect(spend(reader, 0.8)).rejects.toThrow(`1,000,000 tokens for ${RESEARCH}: 500,000 tokens spent`);
  await spend(reader, 0.5);
  await expect(spend(research, 0.1)).rejects.toThrow("1,000,000 tokens spent");
});

test("two agents that ask at the same moment are not both granted what one of them can have", async () => {
  const { session } = await turnBench([]);
  const main = keeperOf(session, { usd: 10 });
  const one = await main.carve({ agent: "main/a:1", share: 1 });
  const other = await main.carve({ agent: "main/b:2", share: 1 });
  const asked = await Promise.allSettled([request(one, 6), request(other, 6), request(main, 6)]);
  expect(asked.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  expect(dollars(reservedIn(session.state.budget).usd)).toBe(6);
  await Promise.all([request(other, 2), request(main, 2)]);
  expect(session.state.budget.open.size).toBe(3);
});

test("what one agent has left open another does not settle", async () => {
  const { session } = await turnBench([]);
  const main = keeperOf(session, { usd: 10 });
  const research = await main.carve({ agent: RESEARCH, share: 0.5 });
  const theirs = await request(research, 2);
  await request(main, 1);
  await main.closeOpen(usage(500_000));
  expect([...session.state.budget.open.keys()]).toEqual([theirs]);
  await research.closeOpen(null);
  expect(session.state.budget.open.size).toBe(0);
  expect(dollars(session.state.budget.agents[0]?.spent.usd ?? 0n)).toBe(1.999999);
});
