import { homedir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { createGateway, gatewayFetch } from "@ml-intern/gateway";
import { scriptedEngine } from "@ml-intern/testkit";
import { z } from "zod";
import { createPolicy } from "../../approvals/policy.ts";
import { runTurn } from "../../loop/run-turn.ts";
import { Session } from "../../session/session-store.ts";
import { openBudget } from "../../testing/open-budget.ts";
import { defineTool } from "../../tools/define-tool.ts";
import { Workbench } from "../../workbench/workbench.ts";
import { researchTool } from "../research-tool.ts";
import { researchScript } from "./research-script.ts";

/**
 * Works on a session whose model sends one research agent, which looks at four pages. With `hang` its model falls silent at
 * the third one, and says so. A program, so that a test can kill it: `research-process.ts HOME SESSION hang|go-on`.
 */
const [home = "", id = "", mode = ""] = process.argv.slice(2);
const session = await Session.open(home, id);
const look = defineTool({
  name: "look",
  description: "Looks.",
  readOnly: true,
  input: z.strictObject({ page: z.int() }),
  execute: async ({ page }) => `page ${page}`,
});
const model = researchScript({
  main: session.state.iterations === 0 ? [call("research", { question: "What is it?" })] : [],
  agent({ step }) {
    if (step === 2 && mode === "hang") {
      process.stdout.write("silent\n");
      return { hangs: true };
    }
    return step < 4 ? call("look", { page: step }) : { text: "It is four pages long." };
  },
});
const engine = scriptedEngine(model);
const client = new Anthropic({
  apiKey: "test",
  baseURL: "http://gateway.test",
  fetch: gatewayFetch(createGateway({ engines: { scripted: engine } })),
  maxRetries: 0,
});
const capacity = { window: null, output: 4_000 };
const host = {
  client,
  policy: createPolicy(),
  presence: "nobody",
  capacityOf: async () => capacity,
} as const;
await using workbench = new Workbench({
  home: process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern"),
  directory: session.paths.directory,
  data: "/none.csv",
  sandbox: "none",
  hub: { kind: "local", url: "http://hub.test", token: "hf_x", fetch, browseUrl: "http://hub.test" },
  onProgress: () => undefined,
});
await runTurn({
  ...host,
  ...capacity,
  session,
  workbench,
  tools: [researchTool(host, [look])],
  budget: openBudget(session),
  text: session.state.turns === 0 ? "Find out." : null,
  signal: new AbortController().signal,
});
process.stdout.write(`${JSON.stringify({ requests: engine.requests.length })}\n`);
await session[Symbol.asyncDispose]();

function call(name: string, input: Record<string, unknown>) {
  return { toolCalls: [{ name, input }] };
}
