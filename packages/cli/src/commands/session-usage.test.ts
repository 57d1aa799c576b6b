import { Session } from "@ml-intern/intern";
import { expect, test } from "vitest";
import { eventsOf, runCli, testHome } from "../e2e/run-cli.ts";

test("what a session used is shown line by line, in words and for programs", async () => {
  await using home = await testHome();
  let id: string;
  {
    await using session = await Session.create(home.path, {
      ...{ task: "t", data: "/none.csv", target: null, model: "e/m", budget_usd: 2 },
      ...{ max_iterations: 20, sandbox: "none", hub: "local" },
    });
    id = session.state.id;
    await session.append({
      ...{ type: "budget_settled", id: "1" },
      lines: [
        { kind: "cache_read", of: "e/m", quantity: 1_000, usd: "0.1", saved_usd: "0.9" },
        { kind: "compute", of: "local", quantity: 30, usd: "0" },
      ],
    });
  }
  const [words, lines, unknown] = await Promise.all([
    runCli(["usage", id], { home: home.path }),
    runCli(["usage", id, "--json"], { home: home.path }),
    runCli(["usage", "nothing"], { home: home.path }),
  ]);
  expect(words.stdout).toContain(
    "prompt, read from the cache (e/m): 1,000 tokens, $0.10, which saved $0.90\n",
  );
  expect(words.stdout).toContain("machine time (local): 30 s, $0.00\n");
  expect(words.stdout).toContain("limit $2.00: $0.10 spent, $0.00 reserved, $1.90 left");
  expect(eventsOf(lines)).toEqual([
    { kind: "cache_read", of: "e/m", quantity: 1_000, usd: "0.1", saved_usd: "0.9", unpriced: 0 },
    { kind: "compute", of: "local", quantity: 30, usd: "0", saved_usd: "0", unpriced: 0 },
  ]);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("There is no session nothing.") });
});
