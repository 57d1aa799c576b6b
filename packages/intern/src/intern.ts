import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type Anthropic from "@anthropic-ai/sdk";
import type { SandboxMode } from "@ml-intern/lab";
import type { Fetch } from "@ml-intern/research";
import { type Approve, answerQuestions, approveAll } from "./approvals/answer-questions.ts";
import { createPolicy } from "./approvals/policy.ts";
import { askAboutPrices } from "./budget/ask-about-prices.ts";
import { BudgetKeeper } from "./budget/budget-keeper.ts";
import { limitsOfSession } from "./budget/budget-report.ts";
import { earlierSteps } from "./budget/earlier-steps.ts";
import { createPrices, LOCAL } from "./budget/prices.ts";
import { loadInternConfiguration } from "./configuration/load-configuration.ts";
import { InternError } from "./failures/intern-error.ts";
import { prepareWorkspace } from "./history/prepare-workspace.ts";
import { saveWorkspace } from "./history/save-workspace.ts";
import type { TurnResult } from "./loop/endings.ts";
import { runTurn } from "./loop/run-turn.ts";
import { taskMessage } from "./loop/system-prompt.ts";
import type { McpSettings } from "./mcp/mcp-settings.ts";
import type { McpServers, OpenMcpServersOptions } from "./mcp/open-mcp-servers.ts";
import type { Environment } from "./models/endpoints.ts";
import { isLocalModel, openMessagesClient } from "./models/open-models.ts";
import { resolveModel } from "./models/resolve-model.ts";
import { openNotifier } from "./notifications/open-notifier.ts";
import { watchNotices } from "./notifications/watch-notices.ts";
import { openHubTarget } from "./publishing/open-hub-target.ts";
import { createLibrary } from "./reading/library.ts";
import { prepareHome } from "./session/prepare-home.ts";
import { Session } from "./session/session-store.ts";
import { createTools } from "./tools/create-tools.ts";
import { Workbench } from "./workbench/workbench.ts";

/** What the intern needs from the machine it works on. */
export interface InternContext {
  readonly home: string;
  readonly env: Environment;
  /** For tests and other faces; by default the client that the environment configures. */
  readonly client?: Anthropic;
  /** Makes requests to services that are read; for tests. */
  readonly fetch?: Fetch;
}

export interface NewTask {
  readonly task: string;
  /** A path; null takes the first file or folder that the task names. */
  readonly data: string | null;
  readonly target: string | null;
  /** `engine/name`; null takes the best that is configured. */
  readonly model: string | null;
  readonly budgetUsd: number | null;
  readonly maxIterations: number;
  readonly sandbox: SandboxMode;
  readonly hub: "local" | "hf";
}

/**
 * Makes a session for a task, without starting it. Throws an {@link InternError} for what can be known to be wrong
 * beforehand: no data, an unknown model, an endpoint that does not answer, no token for the hub.
 */
export async function createSession(
  task: NewTask,
  context: InternContext,
  signal: AbortSignal,
): Promise<Session> {
  const data = await findData(task);
  await prepareHome(context.home);
  const { model } = await resolveModel({ wanted: task.model, place: context, signal });
  openHubTarget({ kind: task.hub, home: context.home, env: context.env });
  return Session.create(context.home, {
    task: task.task,
    data,
    target: task.target,
    model,
    budget_usd: task.budgetUsd,
    max_iterations: task.maxIterations,
    sandbox: task.sandbox,
    hub: task.hub,
  });
}

/**
 * Works on a session until its turn ends: from the start for a new one, at the exact step where it was for one that was
 * stopped or killed.
 */
export async function work(
  session: Session,
  options: InternContext & {
    /** Asks the person; null where nobody can be asked, and the policy says what becomes of questions. */
    readonly approve: Approve | null;
    /** What the person says in this turn; null, which is the default, goes on where the session was. */
    readonly text?: string | null;
    readonly signal: AbortSignal;
  },
): Promise<TurnResult> {
  const { home, env, approve, text = null, signal } = options;
  const configuration = await loadInternConfiguration({ home, env });
  await session.recover();
  await prepareWorkspace(session, signal);
  const bytes = await saveWorkspace({ session, after: null, signal });
  const { state } = session;
  const settings = state.options;
  const hub = openHubTarget({ kind: settings.hub, home, env });
  await using workbench = new Workbench({
    home,
    directory: session.paths.directory,
    data: settings.data,
    sandbox: settings.sandbox,
    hub,
    onProgress: (text) => session.show({ type: "progress", text, elapsed_ms: 0, remaining_ms: null }),
  });
  const prices = createPrices(configuration.budget.prices ?? {}, {
    isLocal: (model) => isLocalModel(model, env),
    override: env.ML_INTERN_PRICE,
  });
  const warn = (about: string, { message, mend }: { message: string; mend: string }): void => {
    const text = `${about}: ${message} ${mend}`;
    void session.append({ type: "notice", level: "warn", text }).catch(() => undefined); // the turn ends by itself then
  };
  await using notifier = openNotifier(configuration.notifications, {
    env,
    onProblem: (problem) => warn(`Notices on ${problem.channel} do not arrive`, problem),
  });
  using _notices = watchNotices(session, notifier);
  await using mcp = await openServers(configuration.mcp, { env, signal });
  for (const problem of mcp.problems) warn(`The MCP server ${problem.server}`, problem);
  await using messages = openMessagesClient({ env, home });
  const client = options.client ?? messages.client;
  const host = {
    client,
    policy: createPolicy(configuration.approvals),
    presence: approve === null ? "nobody" : "person",
    capacityOf: (model: string) => windowOf(client, model),
  } as const;
  const library = createLibrary({
    home,
    env,
    settings: configuration.web,
    ...(options.fetch && { fetch: options.fetch }),
  });
  const tools = [...createTools({ hub, host, library }), ...mcp.tools];
  const resumes = text === null && state.queued.length === 0;
  using _questions = approve && answerQuestions(session, { approve, tools, resumes, signal });
  const budget = new BudgetKeeper({
    session,
    prices,
    earlierSteps: once(() => earlierSteps(home, state.id)),
    // The person may change theirs while the turn goes on.
    get limits() {
      return limitsOfSession(configuration.budget, session.state.options);
    },
  });
  if (bytes > 0) budget.settleStorage({ of: `workspace:${state.seq}`, place: LOCAL, bytes });
  // Who agreed to every call beforehand did not agree to a limit that is not kept.
  if (approve !== null && approve !== approveAll) await askAboutPrices({ session, budget, signal });
  return await runTurn({
    ...host,
    ...(await windowOf(client, settings.model)),
    session,
    workbench,
    tools,
    budget,
    text: state.turns === 0 ? firstText(session) : text,
    signal,
  });
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The library is large, and most people have no servers. */
async function openServers(settings: McpSettings, options: OpenMcpServersOptions): Promise<McpServers> {
  if (settings.servers.length === 0) {
    return { tools: [], problems: [], [Symbol.asyncDispose]: async () => {} };
  }
  const { openMcpServers } = await import("./mcp/open-mcp-servers.ts");
  return await openMcpServers(settings, options);
}

function firstText(session: Session): string {
  const { task, data, target } = session.state.options;
  return taskMessage({ task, dataName: basename(data), target });
}

const OUTPUT_TOKENS = 16_000;

/**
 * What a model holds, and how much an answer may have: as much as a long file needs, within what the model can write and a
 * quarter of what it can hold.
 */
async function windowOf(
  client: Anthropic,
  model: string,
): Promise<{ readonly window: number | null; readonly output: number }> {
  // A server without this route still answers messages.
  const info = await client.models.retrieve(model).catch(() => null);
  const window = info?.max_input_tokens ?? null;
  const limits = [OUTPUT_TOKENS, info?.max_tokens, Math.floor((window ?? 4 * OUTPUT_TOKENS) / 4)];
  const output = Math.min(...limits.filter((limit) => typeof limit === "number" && limit > 0).map(Number));
  return { window, output };
}

async function findData({ data, task }: NewTask): Promise<string> {
  if (data !== null) return resolve(data);
  const words = task.split(/[\s"'`,;()]+/).flatMap((word) => [word, word.replace(/[.:!?]+$/, "")]);
  for (const word of words) {
    if (word === "" || !/[./]/.test(word)) continue;
    if (
      await stat(word).then(
        () => true,
        () => false,
      )
    )
      return resolve(word);
  }
  throw new InternError("task/no_data", "The task names no data that exist here.", {
    mend: "Give a file or a folder of images with --data PATH.",
  });
}
