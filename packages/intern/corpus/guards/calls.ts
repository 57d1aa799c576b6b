// The tools as their answers look, with what differs from one call to the next although nothing does: clocks, ids, durations.
import type { GuardStep, Role } from "../../src/guards/guard-step.ts";

type Input = Readonly<Record<string, unknown>>;

export function answer(name: string, input: Input, content: string, role: Role = "act"): GuardStep {
  return { name, input, content, isError: false, role };
}

export function failure(
  name: string,
  input: Input,
  code: string,
  message: string,
  role: Role = "act",
): GuardStep {
  const content = JSON.stringify({ error: { code, message, mend: "Read the output." } });
  return { name, input, content, isError: true, role };
}

let ticks = 0;
/** A moment that nobody has seen before. */
export const now = (): string => new Date(Date.UTC(2026, 10, 23) + ++ticks * 7_321).toISOString();
const some = (upTo: number): number => (++ticks * 7919) % upTo;
export const took = (): string => `${(some(900) / 100 + 0.11).toFixed(2)}s`;
export const pid = (): number => 1_000 + some(30_000);

export const bash = (command: string, output = "(no output)"): GuardStep =>
  answer("bash", { command }, output);
export const bashFails = (command: string, output: string, code = 1): GuardStep =>
  failure("bash", { command }, "bash/failed", `exit code ${code}\n${output}`);
export const python = (code: string, output = "(no output)"): GuardStep => answer("python", { code }, output);
export const pythonFails = (code: string, error: string): GuardStep =>
  failure(
    "python",
    { code },
    "python/failed",
    `Traceback (most recent call last):\n  File "<input>", line ${1 + some(40)}, in <module>\n${error}`,
  );

export const read = (path: string, text: string): GuardStep => answer("read", { path }, numbered(text));
const numbered = (text: string): string =>
  text
    .split("\n")
    .map((line, index) => `${String(index + 1).padStart(6)}  ${line}`)
    .join("\n");
export const write = (path: string, content: string): GuardStep =>
  answer("write", { path, content }, `Wrote ${path}: ${content.split("\n").length} lines.`, "write");
export const edit = (path: string, old: string, replacement: string): GuardStep =>
  answer(
    "edit",
    { path, old, new: replacement },
    `Edited ${path} at line ${3 + (old.length % 50)}.`,
    "write",
  );
export const editMisses = (path: string, old: string): GuardStep =>
  failure(
    "edit",
    { path, old, new: "x" },
    "edit/no_match",
    `The passage does not occur in ${path}; nothing was changed.`,
    "write",
  );

export const plan = (...titles: readonly string[]): GuardStep =>
  answer(
    "plan",
    { steps: titles.map((title, index) => ({ title, status: index === 0 ? "active" : "pending" })) },
    "ok",
    "note",
  );

interface Ran {
  readonly args?: readonly string[];
  readonly seed?: number;
  readonly claimed?: Readonly<Record<string, number>>;
  /** The last line of a failed run's log. */
  readonly error?: string;
  readonly code?: string;
}

/** A run's record: another id, another duration each time. */
export function run(
  script: string,
  { args = [], seed = 0, claimed = {}, error, code = "c0de" }: Ran = {},
): GuardStep {
  const id = `run_${++ticks}`;
  const record = {
    id,
    name: "try",
    script,
    args,
    seed,
    code_sha256: code.padEnd(64, "0"),
    ended: "exited",
    exit_code: error === undefined ? 0 : 1,
    duration_s: some(9000) / 100,
    claimed,
    has_model: error === undefined,
    log_tail:
      error === undefined
        ? "done\n"
        : `Traceback (most recent call last):\n  File "/workspace/${script}", line ${10 + some(90)}, in main\n${error}\n`,
    log_path: `/lab/runs/${id}/log.txt`,
  };
  return answer(
    "start_run",
    { name: "try", script, args: [...args], seeds: [seed] },
    JSON.stringify({ runs: [record] }),
  );
}

export const evaluate = (run: string, value: number, queriesLeft: number): GuardStep =>
  answer(
    "submit_for_evaluation",
    { runs: [run], set: "validation" },
    JSON.stringify({
      scores: [{ run, set: "validation", metric: "accuracy", value, n: 359 }],
      queries_left: queriesLeft,
    }),
  );

export const startJob = (input: Input): GuardStep =>
  answer("start_job", input, JSON.stringify({ job: `job_${++ticks}`, status: "queued", started: now() }));
export const poll = (job: string, status = "RUNNING", more = ""): GuardStep =>
  answer("job_status", { job }, JSON.stringify({ job, status, more }), "poll");
export const pollFails = (job: string, message: string): GuardStep =>
  failure("job_status", { job }, "job/failed", message, "poll");

export const search = (query: string, ...hits: readonly string[]): GuardStep =>
  answer("web_search", { query }, hits.join("\n"));
export const fetchPage = (url: string, text: string): GuardStep => answer("fetch_page", { url }, text);
export const wrongArguments = (name: string, input: Input, problem: string): GuardStep =>
  failure(name, input, "tool/wrong_arguments", `The arguments of ${name} do not fit its schema. ${problem}`);
