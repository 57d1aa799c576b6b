import { basename } from "node:path";
import type { Contract } from "@ml-intern/lab";
import { verifiedScores } from "../publishing/verified-scores.ts";
import { openRuns } from "../runs/started-run.ts";
import type { SessionState } from "../session/session-state.ts";

/** Something that must survive every shortening of the conversation, word for word. */
export interface Fact {
  readonly name:
    | "task"
    | "said"
    | "contract"
    | "plan"
    | "spent"
    | "scores"
    | "runs"
    | "open_runs"
    | "release";
  readonly text: string;
}

/** Verified scores and runs that are kept in full view. */
const BEST_SCORES = 5;
const NEWEST_RUNS = 8;
/** Characters of what the person said, beyond the task, and of a contract. */
const LONGEST_FACT = 6_000;

/** Told from the session's own state, never from what the model remembers of it. */
export function pinnedFacts(state: SessionState): readonly Fact[] {
  const facts: Fact[] = [
    { name: "task", text: taskText(state) },
    { name: "said", text: saidText(state) },
    { name: "contract", text: contractText(state) },
    { name: "plan", text: planText(state) },
    { name: "spent", text: spentText(state) },
    { name: "scores", text: scoresText(state) },
    { name: "runs", text: runsText(state) },
    { name: "open_runs", text: openRunsText(state) },
    { name: "release", text: releaseText(state) },
  ];
  return facts.filter(({ text }) => text !== "");
}

/** The names of facts that a text does not hold. */
export function missingFacts(text: string, facts: readonly Fact[]): readonly Fact["name"][] {
  return facts.filter((fact) => !text.includes(fact.text)).map(({ name }) => name);
}

function taskText({ options }: SessionState): string {
  const target = options.target === null ? "" : `\nThe target column is: ${options.target}`;
  return `# The task, in the person's words\n${options.task}\nThe data: ${basename(options.data)}${target}`;
}

/** What the person said later: wishes, limits, prohibitions. */
function saidText({ said }: SessionState): string {
  if (said.length === 0) return "";
  return `# What the person said since\n${bounded(said.map((text) => `- ${text}`).join("\n"))}`;
}

function contractText({ records }: SessionState): string {
  const contract = records.contract?.at(-1);
  if (contract === undefined) return "";
  const text = JSON.stringify(contract);
  return `# The contract (fixed; also in data/task.json)\n${bounded(text)}`;
}

function planText({ plan }: SessionState): string {
  if (plan.length === 0) return "";
  return `# The plan\n${plan.map(({ title, status }) => `- [${status}] ${title}`).join("\n")}`;
}

function spentText({ options, budget, spent, iterations }: SessionState): string {
  const calls = `# Spent so far\n${iterations} of ${options.max_iterations} model calls`;
  // What a sub-agent spends stands in the book of the session that sent it.
  if (budget.lines.length === 0) return calls;
  const usd = spent.unpriced ? "an unknown price" : `$${spent.usd.toFixed(4)}`;
  const cap = options.budget_usd === null ? "no cap" : `a cap of $${options.budget_usd}`;
  return `${calls}, ${usd} (${cap})`;
}

function scoresText(state: SessionState): string {
  const scores = verifiedScores(state);
  if (scores.length === 0) return "";
  const contract = state.records.contract?.at(-1) as Pick<Contract, "direction"> | undefined;
  const sign = contract?.direction === "minimize" ? 1 : -1;
  const best = [...scores].sort((a, b) => sign * (a.value - b.value)).slice(0, BEST_SCORES);
  const newest = scores.slice(-1);
  const lines = [...new Set([...best, ...newest])].map(
    ({ run, set, metric, value, interval: [low, high], ledger_seq }) =>
      `- ${run} on ${set}: ${metric} ${value} [${low}, ${high}] (ledger row ${ledger_seq})`,
  );
  return `# Verified scores: the best, and the newest, of ${scores.length}\n${lines.join("\n")}`;
}

function runsText({ records }: SessionState): string {
  const runs = (records.run ?? []) as readonly { id: string; name: string; script: string; ended: string }[];
  if (runs.length === 0) return "";
  const lines = runs
    .slice(-NEWEST_RUNS)
    .map(({ id, name, script, ended }) => `- ${id}: ${name} (${script}, ${ended})`);
  return `# The newest of ${runs.length} runs\n${lines.join("\n")}`;
}

function openRunsText(state: SessionState): string {
  const lines = openRuns(state).map(
    ({ run, name, script, seed }) => `- ${run}: ${name} (${script}, seed ${seed})`,
  );
  if (lines.length === 0) return "";
  return `# Runs in the background (check_run says how they stand)\n${lines.join("\n")}`;
}

function releaseText({ records }: SessionState): string {
  const release = records.release?.at(-1);
  return release === undefined ? "" : `# Published\n${bounded(JSON.stringify(release))}`;
}

function bounded(text: string): string {
  if (text.length <= LONGEST_FACT) return text;
  const half = LONGEST_FACT / 2;
  return `${text.slice(0, half)}\n[…]\n${text.slice(-half)}`;
}
