import { parseArgs } from "node:util";
import type {
  CacheCommand,
  Command,
  DocsCommand,
  ExportCommand,
  SessionUsageCommand,
  UsageCommand,
  WorkOptions,
} from "./command.ts";
import { UsageError } from "./usage-error.ts";

const OPTIONS = {
  data: { type: "string" },
  target: { type: "string" },
  model: { type: "string" },
  "budget-usd": { type: "string" },
  "max-iterations": { type: "string" },
  hub: { type: "string" },
  sandbox: { type: "string" },
  config: { type: "string" },
  check: { type: "boolean" },
  port: { type: "string" },
  "hub-port": { type: "string" },
  workspace: { type: "string" },
  name: { type: "string" },
  since: { type: "string" },
  until: { type: "string" },
  by: { type: "string" },
  format: { type: "string" },
  lines: { type: "boolean" },
  output: { type: "string" },
  to: { type: "string" },
  from: { type: "string" },
  "no-redaction": { type: "boolean" },
  repo: { type: "string" },
  public: { type: "boolean" },
  yes: { type: "boolean", short: "y" },
  json: { type: "boolean" },
  plain: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
} as const;

type Values = { readonly [Name in keyof typeof OPTIONS]?: string | boolean | undefined };

const WORK = [
  "data",
  "target",
  "model",
  "budget-usd",
  "max-iterations",
  "hub",
  "sandbox",
  "yes",
  "json",
  "plain",
];

/** Reads the command line. Throws {@link UsageError} for anything that would otherwise be ignored or misread. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (argv.length === 0) return { kind: "chat", options: workOptions(values) };
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  const [first = "", ...rest] = positionals;
  switch (first) {
    case "sessions":
      allow(first, values, ["json"], rest, 1);
      return rest[0] === undefined
        ? { kind: "sessions", json: values.json === true }
        : { kind: "steps", session: rest[0], json: values.json === true };
    case "undo":
      allow(first, values, ["to"], rest, 1);
      return { kind: "undo", session: sessionOf(first, rest[0]), to: step(values.to, "--to") };
    case "fork":
      allow(first, values, ["from"], rest, 1);
      return { kind: "fork", session: sessionOf(first, rest[0]), from: step(values.from, "--from") };
    case "models":
    case "doctor":
      allow(first, values, ["json"], rest, 0);
      return { kind: first, json: values.json === true };
    case "setup":
      allow(first, values, [], rest, 0);
      return { kind: "setup" };
    case "serve":
      allow(first, values, ["config", "check", "port", "hub-port"], rest, 0);
      return {
        kind: "serve",
        config: text(values.config),
        check: values.check === true,
        port: port(values.port, "--port"),
        hubPort: port(values["hub-port"], "--hub-port"),
      };
    case "usage":
      if (rest[0] !== undefined) return sessionUsage(rest[0], values, rest);
      allow(first, values, ["since", "until", "by", "format", "lines"], rest, 0);
      return usage(values);
    case "cache":
      return cache(values, rest);
    case "docs":
      return docs(values, rest);
    case "export":
      allow(first, values, ["format", "output", "no-redaction", "yes"], rest, 1);
      return exportCommand(rest[0], values);
    case "share":
      allow(first, values, ["repo", "hub", "public", "yes"], rest, 1);
      return {
        kind: "share",
        session: sessionOf(first, rest[0]),
        repo: text(values.repo),
        hub: oneOf(text(values.hub), "--hub", ["local", "hf"]) ?? "local",
        allowsPublic: values.public === true,
        yes: values.yes === true,
      };
    case "keys": {
      if (rest[0] !== "create")
        throw new UsageError("`keys` knows one verb: `ml-intern keys create --workspace NAME`.");
      allow("keys create", values, ["workspace", "name", "json"], rest.slice(1), 0);
      const workspace = text(values.workspace);
      if (workspace === null) throw new UsageError("A key belongs to a workspace: --workspace NAME.");
      return {
        kind: "keys_create",
        workspace: identifier(workspace, "--workspace"),
        name: values.name === undefined ? null : identifier(text(values.name) ?? "", "--name"),
        json: values.json === true,
      };
    }
    case "ledger":
      if (rest[0] !== "verify")
        throw new UsageError("`ledger` knows one verb: `ml-intern ledger verify [SESSION|FILE]`.");
      allow("ledger verify", values, [], rest.slice(1), 1);
      return { kind: "ledger_verify", subject: rest[1] ?? null };
    case "notify":
      if (rest[0] !== "test") throw new UsageError("`notify` knows one verb: `ml-intern notify test`.");
      allow("notify test", values, [], rest.slice(1), 0);
      return { kind: "notify_test" };
    case "resume":
      allow(
        first,
        values,
        WORK.filter((name) => name !== "data" && name !== "target"),
        rest,
        1,
      );
      return { kind: "resume", session: rest[0] ?? null, options: workOptions(values) };
    case "demo":
      allow(
        first,
        values,
        WORK.filter((name) => name !== "data" && name !== "target"),
        rest,
        0,
      );
      return { kind: "demo", options: workOptions(values) };
    default:
      return task(positionals, values);
  }
}

function exportCommand(session: string | undefined, values: Values): ExportCommand {
  const redacts = values["no-redaction"] !== true;
  if (!redacts && values.yes !== true)
    throw new UsageError(
      "--no-redaction leaves keys, tokens and passwords in the trace.",
      "Add --yes if that is what you want.",
    );
  const output = text(values.output);
  return {
    kind: "export",
    session: sessionOf("export", session),
    format: oneOf(text(values.format), "--format", ["claude-code", "log"]) ?? "claude-code",
    output: output === "-" ? null : output,
    redacts,
  };
}

function sessionOf(command: string, session: string | undefined): string {
  if (session !== undefined) return session;
  throw new UsageError(`Which session? ml-intern ${command} SESSION`, "`ml-intern sessions` lists them.");
}

function usage(values: Values): UsageCommand {
  const format = oneOf(text(values.format), "--format", ["table", "csv", "json"]) ?? "table";
  const by = oneOf(text(values.by), "--by", ["model", "key", "workspace", "session", "day"]);
  const lines = values.lines === true;
  if (lines && format === "table")
    throw new UsageError(
      "--lines are for programs: there is no table of them.",
      "Add --format csv or --format json.",
    );
  if (lines && by !== null)
    throw new UsageError(
      "--by adds requests up, and --lines shows the single ones.",
      "Leave one of them out.",
    );
  return {
    kind: "usage",
    since: text(values.since),
    until: text(values.until),
    by: by ?? "model",
    format,
    lines,
  };
}

function sessionUsage(session: string, values: Values, rest: readonly string[]): SessionUsageCommand {
  allow("usage SESSION", values, ["json"], rest, 1);
  return { kind: "session_usage", session, json: values.json === true };
}

function cache(values: Values, rest: readonly string[]): CacheCommand {
  const clears = rest[0] === "clear";
  const known = ["workspace", "model", "config", "port", "json"];
  if (clears) allow("cache clear", values, [...known, "yes"], rest.slice(1), 0);
  else allow("cache", values, known, rest, 0);
  const { workspace, model } = values;
  return {
    kind: "cache",
    clears,
    scope: {
      ...(typeof workspace === "string" ? { workspace } : {}),
      ...(typeof model === "string" ? { model } : {}),
    },
    config: text(values.config),
    port: port(values.port, "--port"),
    yes: values.yes === true,
    json: values.json === true,
  };
}

function docs(values: Values, rest: readonly string[]): DocsCommand {
  const [word = "list", ...subjects] = rest;
  const verb = oneOf(word, "docs", ["list", "add", "update", "search", "remove"]) ?? "list";
  allow(`docs ${verb}`, values, ["json"], subjects, verb === "list" ? 0 : 1);
  const subject = subjects[0] ?? null;
  if (subject === null && verb !== "list" && verb !== "update") throw new UsageError(NEEDED[verb]);
  return { kind: "docs", verb, subject, json: values.json === true };
}

const NEEDED = {
  add: "Which documentation? `ml-intern docs add FOLDER`, a library of Hugging Face (trl), or the address of an llms.txt.",
  search: 'Search for what? `ml-intern docs search "words"`.',
  remove: "Which? `ml-intern docs` lists what is kept.",
} as const;

function task(positionals: readonly string[], values: Values): Command {
  const text = (positionals[0] ?? "").trim();
  if (text === "")
    throw new UsageError('There is no task. Say what to do: ml-intern "Train a classifier …" --data FILE.');
  if (positionals.length > 1) {
    throw new UsageError(
      `One task at a time: there are ${positionals.length} words outside of options.`,
      'Put the task into quotes: ml-intern "…".',
    );
  }
  allow("a task", values, WORK, [], 0);
  return { kind: "task", task: text, options: workOptions(values) };
}

function parse(argv: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function allow(
  command: string,
  values: Values,
  allowed: readonly string[],
  extra: readonly string[],
  positionals: number,
): void {
  const unknown = Object.keys(values).find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw new UsageError(`--${unknown} does not apply to ${command}.`);
  if (extra.length > positionals) throw new UsageError(`${command} does not take "${extra[positionals]}".`);
}

function workOptions(values: Values): WorkOptions {
  return {
    data: text(values.data),
    target: text(values.target),
    model: text(values.model),
    budgetUsd: budget(text(values["budget-usd"])),
    maxIterations: count(text(values["max-iterations"])),
    hub: oneOf(text(values.hub), "--hub", ["local", "hf"]),
    sandbox: oneOf(text(values.sandbox), "--sandbox", ["auto", "bubblewrap", "unshare", "none"]),
    yes: values.yes === true,
    json: values.json === true,
    plain: values.plain === true,
  };
}

function text(value: string | boolean | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function budget(value: string | null): number | null {
  if (value === null) return null;
  const usd = Number(value);
  if (value.trim() !== "" && Number.isFinite(usd) && usd > 0) return usd;
  throw new UsageError(
    `--budget-usd must be more than 0, not "${value}".`,
    "Give the dollars that model calls may cost, such as 2.50. Leave it out for no cap; the offline recipes cost nothing.",
  );
}

function count(value: string | null): number | null {
  if (value === null) return null;
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new UsageError(`--max-iterations must be a whole number from 1, not "${value}".`);
}

function identifier(value: string, name: string): string {
  if (/^[A-Za-z0-9][\w.-]{0,63}$/.test(value)) return value;
  throw new UsageError(
    `${name} takes letters, digits, dots, dashes and underscores, at most 64, not "${value}".`,
  );
}

function step(value: string | boolean | undefined, name: string): string | null {
  if (typeof value !== "string") return null;
  if (/^[1-9]\d*(\.[1-9]\d*)?$/.test(value)) return value;
  throw new UsageError(
    `${name} takes a step, such as 12 or 12.2, not "${value}".`,
    "`ml-intern sessions SESSION` lists them.",
  );
}

function port(value: string | boolean | undefined, name: string): number | null {
  if (typeof value !== "string") return null;
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 65_535) return number;
  throw new UsageError(`${name} must be a port from 0 (any free one) to 65535, not "${value}".`);
}

function oneOf<const Choice extends string>(
  value: string | null,
  name: string,
  choices: readonly Choice[],
): Choice | null {
  if (value === null) return null;
  const choice = choices.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new UsageError(`${name} is one of ${choices.join(", ")}, not "${value}".`);
}
