import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { downloadFile, listFiles } from "@huggingface/hub";
import { createHub, serveHub } from "@ml-intern/hub";
import { Session } from "@ml-intern/intern";
import { beforeAll, describe, expect, it } from "vitest";
import { runCli, testHome } from "./run-cli.ts";

const REPO = { type: "dataset", name: "local/ml-intern-sessions" } as const;
/** Put together here, so that no file holds text of that form. */
const SECRET = ["hf", "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"].join("_");

let home: string;
let id: string;
beforeAll(async () => {
  const made = await testHome();
  home = made.path;
  await using session = await Session.create(home, {
    task: "Recognise digits",
    data: "/data/digits.csv",
    target: null,
    model: "recipes/default",
    budget_usd: null,
    max_iterations: 300,
    sandbox: "auto",
    hub: "local",
  });
  id = session.state.id;
  await session.append({ type: "turn_started", turn: 1, text: `Use ${SECRET}, and pad_token=<pad>` });
  await session.append({ type: "notice", level: "info", text: "own-secret-value" });
  return () => made[Symbol.asyncDispose]();
});

describe("export", () => {
  it("writes Claude Code's lines to standard output, and what was redacted beside it", async () => {
    const { code, stdout, stderr } = await runCli(["export", id], {
      home,
      env: { SOME_API_KEY: "own-secret-value" },
    });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "2 secrets redacted: hf_token 1, some_api_key 1.\n",
    });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual(["user", "system"]);
    expect(lines[0].message.content).toMatch(/^Use \[redacted hf_token [0-9a-f]{4}\], and pad_token=<pad>$/);
  });

  it("writes our own log to a file, which only its owner can read", async () => {
    const path = join(home, "trace.jsonl");
    const { code, stdout } = await runCli(["export", id, "--format", "log", "--output", path], { home });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(4);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("leaves secrets in only where that is confirmed", async () => {
    expect(await runCli(["export", id, "--no-redaction"], { home })).toMatchObject({ code: 2, stdout: "" });
    const { stdout } = await runCli(["export", id, "--no-redaction", "--yes"], { home });
    expect(stdout).toContain(SECRET);
  });

  it("names cause and mend", async () => {
    const unknown = await runCli(["export", "nobody"], { home });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("There is no session nobody") });
    const folder = await runCli(["export", id, "--output", home], { home });
    expect(folder).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be written") });
    expect(await runCli(["export", id, "--output", "/dev/null"], { home })).toMatchObject({ code: 0 });
    expect((await stat("/dev/null")).isFile()).toBe(false);
  });
});

describe("share", () => {
  it("adds to a private dataset of the embedded hub, and nothing twice", async () => {
    const first = await runCli(["share", id], { home });
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 lines added to local/ml-intern-sessions"),
    });
    expect(await runCli(["share", id], { home })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("already"),
    });
    await using server = await serveHub({ app: createHub({ root: join(home, "hub") }) });
    const access = { repo: REPO, hubUrl: server.url, accessToken: "hf_local" };
    const paths: string[] = [];
    for await (const { path } of listFiles({ ...access, recursive: true }))
      if (path.endsWith(".jsonl")) paths.push(path);
    expect(paths).toHaveLength(1);
    const text = await (await downloadFile({ ...access, path: paths[0]! }))?.text();
    expect(text).not.toContain(SECRET);
    expect(text).toContain("pad_token=<pad>");
  });

  it("lets nothing leave the machine unasked", async () => {
    const env = { HF_TOKEN: SECRET, HF_ENDPOINT: "http://127.0.0.1:9" };
    const refused = await runCli(["share", id, "--hub", "hf"], { home, env });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Add --yes") });
    const unreachable = await runCli(["share", id, "--hub", "hf", "--yes"], { home, env });
    expect(unreachable).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("goes on where it stopped"),
    });
    expect(unreachable.stderr).not.toContain(SECRET);
    const without = await runCli(["share", id, "--hub", "hf", "--yes"], { home });
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining("HF_TOKEN") });
  });
});
