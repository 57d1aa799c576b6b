import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { approved } from "../approvals/testing/approved.ts";
import type { BudgetKeeper } from "../budget/budget-keeper.ts";
import { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import { Workbench } from "../workbench/workbench.ts";
import { openBudget } from "./open-budget.ts";

/** A home of its own whose Python environment is the machine's, since that takes long to install. */
export async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "runs-"));
  const own = process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern");
  await symlink(join(own, "environments"), join(home, "environments"));
  return home;
}

/** A session with a contract, so that something may be run in it. */
export async function createRunSession(home: string): Promise<Session> {
  const session = await Session.create(home, {
    ...{ task: "t", data: "/none.csv", target: null, model: "scripted/default", budget_usd: null },
    ...{ max_iterations: 20, sandbox: "auto", hub: "local" },
  });
  await mkdir(session.paths.lab, { recursive: true });
  const contract = { version: 1, budget: { usd: null, iterations: 1, run_seconds: 60 } };
  await writeFile(join(session.paths.lab, "contract.json"), JSON.stringify(contract));
  return session;
}

export function openWorkbench(home: string, session: Session, data = "/none.csv"): Workbench {
  return new Workbench({
    home,
    directory: session.paths.directory,
    data,
    sandbox: "auto",
    hub: { kind: "local", url: "http://hub.test", token: "hf_x", fetch, browseUrl: "http://hub.test" },
    onProgress: () => undefined,
  });
}

export interface CallToolOptions {
  readonly tool: Tool;
  readonly input: unknown;
  readonly callId: string;
  readonly session: Session;
  readonly workbench: Workbench;
  /** Default: one without limits. */
  readonly budget?: BudgetKeeper;
}

/** Makes a call as the loop does, approved; throws where the tool fails. */
export async function callTool({ tool, input, ...context }: CallToolOptions): Promise<unknown> {
  const call = await approved(tool, input);
  if (call.kind === "refused") throw new Error(JSON.stringify(call.cause));
  const answer = await tool.run(call, {
    budget: openBudget(context.session),
    ...context,
    show: () => undefined,
    signal: new AbortController().signal,
  });
  if (answer.is_error) throw new Error(answer.content);
  return JSON.parse(answer.content);
}
