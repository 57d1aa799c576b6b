import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packagedData } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { createSession, work } from "../intern.ts";
import { verifiedScores } from "../publishing/verified-scores.ts";
import { temporaryHome } from "../testing/run-bench.ts";

test("a search whose machine time ends in the middle publishes the best verified model with what was kept back", async (context) => {
  const packaged = await packagedData();
  if (packaged === null) return context.skip("no registry, so no data");
  const home = await temporaryHome();
  await writeFile(join(home, "intern.yaml"), "budget: { computeHours: 0.1, keepBackPercent: 50 }\n");
  const signal = new AbortController().signal;
  const place = { home, env: {} };
  const session = await createSession(
    {
      ...{ task: "Classify penguins by species", data: join(packaged, "penguins.json"), target: "Species" },
      ...{ model: "recipes/default", budgetUsd: null, maxIterations: 40, sandbox: "auto", hub: "local" },
    },
    place,
    signal,
  );
  // Something else takes all the time that is not kept back, as soon as there is a verified score.
  session.subscribe((event) => {
    if (event.type !== "recorded" || event.kind !== "evaluation") return;
    const rest = 180 - Number(session.state.budget.spent.compute);
    const lines = [{ kind: "compute", of: "local", quantity: Math.max(0, rest), usd: "0" }] as const;
    void session.append({ type: "budget_settled", id: "something-else", lines });
  });
  try {
    const result = await work(session, { ...place, approve: null, signal });
    expect(result).toEqual({ outcome: "published", cause: null });
    const scores = verifiedScores(session.state);
    expect(scores.map(({ run, set }) => `${run} ${set}`)).toEqual(["run_1 validation", "run_1 test"]);
    const past = await session.past();
    const refused = past.filter((event) => event.type === "tool_finished" && event.is_error);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) expect(JSON.stringify(answer)).toContain("budget/spent");
    const { spent } = session.state.budget;
    expect(spent.compute).toBeGreaterThan(180n);
    expect(spent.compute).toBeLessThan(360n);
  } finally {
    await session[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  }
}, 120_000);
