import { mkdtemp } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import type { MessagesRequest } from "@ml-intern/messages";
import { type Script, type ScriptedAnswer, type ScriptedEngine, scriptedEngine } from "@ml-intern/testkit";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { AgentHost } from "../agents/sub-agent.ts";
import type { Presence } from "../approvals/gate.ts";
import { createPolicy, type Policy } from "../approvals/policy.ts";
import { BudgetKeeper } from "../budget/budget-keeper.ts";
import { limitsOf } from "../budget/budget-limits.ts";
import type { TurnResult } from "../loop/endings.ts";
import { runTurn } from "../loop/run-turn.ts";
import type { SessionEvent, SessionOptions } from "../session/session-event.ts";
import { Session } from "../session/session-store.ts";
import { defineTool, type Tool } from "../tools/define-tool.ts";
import { planTool } from "../tools/plan-tool.ts";
import { Workbench } from "../workbench/workbench.ts";

const OPTIONS: SessionOptions = {
  task: "t",
  data: "/none.csv",
  target: null,
  model: "scripted/default",
  budget_usd: null,
  max_iterations: 20,
  sandbox: "none",
  hub: "local",
};

const DOLLAR = 1_000_000n; // a million tokens for a dollar
const PRICE = {
  input: DOLLAR,
  cache_write_5m: DOLLAR,
  cache_write_1h: DOLLAR,
  cache_read: DOLLAR,
  output: DOLLAR,
};

export interface TurnBench {
  readonly engine: ScriptedEngine;
  readonly session: Session;
  readonly events: SessionEvent[];
  readonly home: string;
  turn(extra?: {
    text?: string | null;
    /** A function makes those that send sub-agents. */
    tools?: readonly Tool[] | ((host: AgentHost) => readonly Tool[]);
    signal?: AbortSignal;
    usd?: number;
    policy?: Policy;
    window?: number;
    presence?: Presence;
  }): Promise<TurnResult>;
}

export type TurnScript = Script<MessagesRequest, ScriptedAnswer>;

/** A session whose model follows a script; everything between the two is real. Ends with the test. */
export async function turnBench(
  script: TurnScript,
  changes: Partial<SessionOptions> = {},
  engine: Parameters<typeof scriptedEngine>[1] = {},
): Promise<TurnBench> {
  const home = await mkdtemp(join(tmpdir(), "run-turn-"));
  const session = await Session.create(home, { ...OPTIONS, ...changes });
  return turnBenchOver(home, session, script, engine);
}

export function turnBenchOver(
  home: string,
  session: Session,
  script: TurnScript,
  options: Parameters<typeof scriptedEngine>[1] = {},
): TurnBench {
  const engine = scriptedEngine(script, options);
  const client = new Anthropic({
    apiKey: "test",
    baseURL: "http://gateway.test",
    fetch: gatewayFetch(createGateway({ engines: { scripted: engine } })),
    maxRetries: 0,
  });
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  const workbench = new Workbench({
    // Sessions of the test lie apart; the Python environment is the machine's own, since it takes long to install.
    home: process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern"),
    directory: session.paths.directory,
    data: OPTIONS.data,
    sandbox: "none",
    hub: { kind: "local", url: "http://hub.test", token: "hf_x", fetch, browseUrl: "http://hub.test" },
    onProgress: () => undefined,
  });
  onTestFinished(async () => {
    await workbench[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
  });
  return {
    engine,
    session,
    events,
    home,
    turn: ({
      text = "do it",
      tools = [planTool, echo],
      signal = new AbortController().signal,
      usd,
      window,
      presence = "agreed",
      policy = createPolicy(),
    } = {}) => {
      const capacity = { window: window ?? null, output: 4_000 };
      const host = { client, policy, presence, capacityOf: async () => capacity };
      return runTurn({
        ...host,
        ...capacity,
        session,
        workbench,
        tools: typeof tools === "function" ? tools(host) : tools,
        budget: new BudgetKeeper({
          session,
          limits: limitsOf(usd === undefined ? {} : { usd }),
          prices: {
            ofTokens: () => (usd === undefined ? null : PRICE),
            ofComputeHour: () => 0n,
            ofGigabyteMonth: () => 0n,
          },
        }),
        text,
        signal,
      });
    },
  };
}

export const echo: Tool = defineTool({
  name: "echo",
  description: "Says it back.",
  readOnly: true,
  input: z.strictObject({ text: z.string() }),
  execute: async ({ text }) => `echo: ${text}`,
});

/** Stands for `publish_model`: what the loop looks at is the record. */
export const publish: Tool = defineTool({
  name: "publish",
  description: "Publishes.",
  input: z.strictObject({}),
  async execute(_, { session }) {
    await session.append({ type: "recorded", kind: "release", body: {}, ledger_head: null });
    return "published";
  },
});

export const call = (
  name: string,
  input: Record<string, unknown>,
): { readonly toolCalls: readonly [{ readonly name: string; readonly input: Record<string, unknown> }] } => ({
  toolCalls: [{ name, input }],
});
