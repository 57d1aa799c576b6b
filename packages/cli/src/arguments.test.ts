import { expect, test } from "vitest";
import { parseCommand } from "./arguments.ts";
import { UsageError } from "./usage-error.ts";

test("a task with its options", () => {
  const command = parseCommand([
    "Predict the price",
    "--data",
    "houses.csv",
    "--target",
    "price",
    "--budget-usd",
    "2.5",
    "--max-iterations",
    "40",
    "--yes",
  ]);
  expect(command).toMatchObject({
    kind: "task",
    task: "Predict the price",
    options: {
      data: "houses.csv",
      target: "price",
      budgetUsd: 2.5,
      maxIterations: 40,
      yes: true,
      json: false,
      plain: false,
      model: null,
    },
  });
});

test("what is left out is left to the program", () => {
  expect(parseCommand(["do it"])).toMatchObject({
    options: { data: null, target: null, model: null, budgetUsd: null, hub: null, sandbox: null },
  });
});

test("every command of the help is understood", () => {
  expect(parseCommand(["--help"])).toEqual({ kind: "help" });
  expect(parseCommand([])).toMatchObject({ kind: "chat", options: { plain: false, model: null } });
  expect(parseCommand(["--version"])).toEqual({ kind: "version" });
  expect(parseCommand(["resume"])).toMatchObject({ kind: "resume", session: null });
  expect(parseCommand(["resume", "20261122-1", "--budget-usd", "9"])).toMatchObject({
    session: "20261122-1",
    options: { budgetUsd: 9 },
  });
  expect(parseCommand(["sessions", "--json"])).toEqual({ kind: "sessions", json: true });
  expect(parseCommand(["sessions", "s-1"])).toEqual({ kind: "steps", session: "s-1", json: false });
  expect(parseCommand(["undo", "s-1"])).toEqual({ kind: "undo", session: "s-1", to: null });
  expect(parseCommand(["undo", "s-1", "--to", "12.2"])).toMatchObject({ to: "12.2" });
  expect(parseCommand(["fork", "s-1", "--from", "3"])).toEqual({ kind: "fork", session: "s-1", from: "3" });
  expect(parseCommand(["serve", "--port", "0", "--hub-port", "9001"])).toEqual({
    kind: "serve",
    config: null,
    check: false,
    port: 0,
    hubPort: 9001,
  });
  expect(parseCommand(["serve", "--config", "gateway.yaml", "--check"])).toMatchObject({
    config: "gateway.yaml",
    check: true,
    port: null,
  });
  expect(parseCommand(["keys", "create", "--workspace", "research"])).toEqual({
    kind: "keys_create",
    workspace: "research",
    name: null,
    json: false,
  });
  expect(parseCommand(["ledger", "verify"])).toEqual({ kind: "ledger_verify", subject: null });
  expect(parseCommand(["notify", "test"])).toEqual({ kind: "notify_test" });
  expect(parseCommand(["usage", "a-session", "--json"])).toEqual({
    ...{ kind: "session_usage", session: "a-session", json: true },
  });
  expect(parseCommand(["usage"])).toEqual({
    kind: "usage",
    since: null,
    until: null,
    by: "model",
    format: "table",
    lines: false,
  });
  expect(parseCommand(["usage", "--since", "7d", "--until", "1d", "--by", "day"])).toMatchObject({
    since: "7d",
    until: "1d",
    by: "day",
  });
  expect(parseCommand(["usage", "--lines", "--format", "csv"])).toMatchObject({ lines: true, format: "csv" });
  expect(parseCommand(["demo"])).toMatchObject({ kind: "demo" });
  expect(parseCommand(["export", "s-1"])).toEqual({
    kind: "export",
    session: "s-1",
    format: "claude-code",
    output: null,
    redacts: true,
  });
  expect(
    parseCommand(["export", "s-1", "--format", "log", "--output", "-", "--no-redaction", "-y"]),
  ).toMatchObject({ format: "log", output: null, redacts: false });
  expect(parseCommand(["share", "s-1"])).toEqual({
    kind: "share",
    session: "s-1",
    repo: null,
    hub: "local",
    allowsPublic: false,
    yes: false,
  });
  expect(
    parseCommand(["share", "s-1", "--repo", "team/x", "--hub", "hf", "--public", "--yes"]),
  ).toMatchObject({
    repo: "team/x",
    hub: "hf",
    allowsPublic: true,
    yes: true,
  });
});

test.each([
  [["task", "--budget-usd", "0"], /more than 0/],
  [["task", "--budget-usd", "free"], /more than 0/],
  [["task", "--max-iterations", "0"], /whole number from 1/],
  [["task", "--sandbox", "docker"], /auto, bubblewrap, unshare, none/],
  [["task", "--hub", "s3"], /local, hf/],
  [["Train", "a", "model"], /One task at a time/],
  [["   "], /no task/],
  [["task", "--datta", "x.csv"], /--datta/],
  [["sessions", "--data", "x.csv"], /does not apply/],
  [["undo"], /Which session/],
  [["fork", "s", "--from", "0"], /a step, such as 12/],
  [["undo", "s", "--from", "1"], /does not apply to undo/],
  [["resume", "a", "b"], /does not take "b"/],
  [["resume", "--data", "x.csv"], /does not apply/],
  [["serve", "--port", "99999"], /0.*65535/],
  [["ledger", "burn"], /ledger verify/],
  [["export"], /Which session/],
  [["share"], /Which session/],
  [["export", "s", "--no-redaction"], /leaves keys/],
  [["export", "s", "--format", "xml"], /claude-code, log/],
  [["share", "s", "--output", "x"], /does not apply/],
  [["usage", "--by", "colour"], /one of model, key, workspace, session, day, not "colour"/],
  [["usage", "--format", "xml"], /one of table, csv, json/],
  [["usage", "--lines"], /no table/],
  [["usage", "--lines", "--format", "csv", "--by", "day"], /single ones/],
  [["usage", "a-session", "another"], /does not take "another"/],
  [["usage", "a-session", "--by", "day"], /--by/],
  [["usage", "--model", "x"], /does not apply to usage/],
  [["cache", "--yes"], /does not apply to cache/],
  [["cache", "clean"], /does not take "clean"/],
  [["cache", "clear", "everything"], /does not take "everything"/],
])("%j is refused with its cause and a mend", (argv, message) => {
  const parse = () => parseCommand(argv);
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(message);
});
