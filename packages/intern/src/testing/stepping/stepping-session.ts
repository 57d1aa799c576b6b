import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { scriptedEngine } from "@ml-intern/testkit";
import { createPolicy } from "../../approvals/policy.ts";
import { BudgetKeeper } from "../../budget/budget-keeper.ts";
import { limitsOf } from "../../budget/budget-limits.ts";
import { createPrices } from "../../budget/prices.ts";
import type { TurnResult } from "../../loop/endings.ts";
import { runTurn } from "../../loop/run-turn.ts";
import { Session } from "../../session/session-store.ts";
import { Workbench } from "../../workbench/workbench.ts";
import { steppingModel } from "./stepping-model.ts";
import { effectsFile, type SteppingOptions, steppingTools } from "./stepping-tools.ts";
import { stopwatch } from "./stopwatch.ts";

const PRICES = createPrices({ models: { "*": { input: 1, output: 5 } } }, { isLocal: () => false });

export interface SteppingSessionOptions extends SteppingOptions {
  readonly home: string;
  /** Null for a new one. */
  readonly id: string | null;
  readonly steps: number;
  readonly onSession?: (session: Session) => void;
  readonly signal?: AbortSignal;
}

/** Works on a session of steps to its end: a scripted model, and everything else as it is in the product. */
export async function workOnSteps(options: SteppingSessionOptions): Promise<TurnResult> {
  const { home, id, steps, onSpent, signal = new AbortController().signal } = options;
  await using session =
    id === null ? await Session.create(home, sessionOptions(steps)) : await Session.open(home, id);
  options.onSession?.(session);
  await using workbench = new Workbench({
    // The Python environment is the machine's own, since it takes long to install.
    home: process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern"),
    directory: session.paths.directory,
    data: "/none.csv",
    sandbox: "auto",
    hub: { kind: "local", url: "http://hub.test", token: "hf_x", fetch, browseUrl: "http://hub.test" },
    onProgress: () => undefined,
  });
  const engine = scriptedEngine(steppingModel(steps), { chunkSize: 4096, keepsRequests: false });
  const inner = gatewayFetch(createGateway({ engines: { scripted: engine } }));
  const client = new Anthropic({
    apiKey: "test",
    baseURL: "http://gateway.test",
    maxRetries: 0,
    fetch: async (...request) => {
      const spent = stopwatch();
      const response = await inner(...request);
      // The scripted model answers at once: what there is to wait for is in the body.
      const body = await response.arrayBuffer();
      onSpent?.(spent());
      return new Response(body, response);
    },
  });
  return await runTurn({
    session,
    workbench,
    client,
    tools: steppingTools(options),
    budget: new BudgetKeeper({ session, limits: limitsOf({ usd: 1_000 }), prices: PRICES }),
    output: 8_000,
    policy: createPolicy(),
    presence: "agreed",
    window: 200_000,
    text: session.state.turns === 0 ? "Take every step once." : null,
    signal,
  });
}

function sessionOptions(steps: number): Parameters<typeof Session.create>[1] {
  return {
    task: "Take every step once.",
    data: "/none.csv",
    target: null,
    model: "scripted/default",
    budget_usd: null,
    max_iterations: 10 * steps,
    sandbox: "auto",
    hub: "local",
  };
}

/** What a session of steps has left behind, to be compared with another. */
export async function tracesOf(
  directory: string,
): Promise<{ readonly effects: string; readonly ledger: readonly unknown[] }> {
  const effects = await readFile(effectsFile(directory), "utf8");
  const lines = (await readFile(join(directory, "lab", "ledger.jsonl"), "utf8")).trim().split("\n");
  return { effects, ledger: lines.map((line) => (JSON.parse(line) as { body: unknown }).body) };
}
