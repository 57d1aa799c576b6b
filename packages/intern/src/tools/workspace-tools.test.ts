import { mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { approved } from "../approvals/testing/approved.ts";
import { Session } from "../session/session-store.ts";
import { openBudget } from "../testing/open-budget.ts";
import { Workbench } from "../workbench/workbench.ts";
import { bashTool } from "./bash-tool.ts";
import type { Tool, ToolContext } from "./define-tool.ts";
import { editTool } from "./edit-tool.ts";
import { installedApiTool } from "./installed-api-tool.ts";
import { pythonTool } from "./python-tool.ts";
import { readTool } from "./read-tool.ts";
import { startRunTool } from "./start-run-tool.ts";
import { writeTool } from "./write-tool.ts";

let session: Session;
let workbench: Workbench;
const shown: string[] = [];

beforeAll(async () => {
  // Sessions of the test lie apart; the Python environment is the machine's own, since it takes long to install.
  const place = await mkdtemp(join(tmpdir(), "workspace-tools-"));
  session = await Session.create(place, {
    task: "t",
    data: "/none.csv",
    target: null,
    model: "recipes/default",
    budget_usd: null,
    max_iterations: 1,
    sandbox: "auto",
    hub: "local",
  });
  workbench = new Workbench({
    home: process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern"),
    directory: session.paths.directory,
    data: "/none.csv",
    sandbox: "auto",
    hub: { kind: "local", url: "http://hub.test", token: "hf_x", fetch, browseUrl: "http://hub.test" },
    onProgress: () => undefined,
  });
  await workbench.sandbox("base", new AbortController().signal);
}, 300_000);

afterAll(async () => {
  await workbench[Symbol.asyncDispose]();
  await session[Symbol.asyncDispose]();
});

let calls = 0;
async function run(
  tool: Tool,
  input: unknown,
  signal = new AbortController().signal,
): Promise<{ text: string; failed: boolean }> {
  const context: ToolContext = {
    workbench,
    session,
    budget: openBudget(session),
    callId: `call_${++calls}`,
    show: (text) => shown.push(text),
    signal,
  };
  const call = await approved(tool, input);
  if (call.kind === "refused") return { text: JSON.stringify(call.cause), failed: true };
  const { content, is_error } = await tool.run(call, context);
  return { text: content, failed: is_error };
}

test("what the file tools write is there for code in the sandbox, which may change it, and back", async () => {
  expect(await run(writeTool, { path: "src/a.txt", content: "one\ntwo\n" })).toEqual({
    text: "Wrote src/a.txt: 2 lines.",
    failed: false,
  });
  expect(
    (await run(bashTool, { command: "cat src/a.txt; echo three >> src/a.txt; echo new > src/b.txt" })).text,
  ).toContain("two");
  expect((await run(readTool, { path: "/workspace/src/a.txt" })).text).toBe(
    "     1  one\n     2  two\n     3  three",
  );
  expect((await run(readTool, { path: "src/b.txt" })).text).toContain("new");
});

test("python in a shell command is the environment's", async () => {
  const { text, failed } = await run(bashTool, {
    command: "python -c 'import sklearn; print(sklearn.__name__)'",
  });
  expect({ text: text.trim(), failed }).toEqual({ text: "sklearn", failed: false });
});

test("long files are read in pages", async () => {
  const content = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join("\n");
  await run(writeTool, { path: "long.txt", content });
  const page = await run(readTool, { path: "long.txt", offset: 11, limit: 2 });
  expect(page.text).toBe("    11  line 11\n    12  line 12\n[18 more lines; go on with offset 13]");
});

test("an edit that does not match exactly once changes nothing", async () => {
  await run(writeTool, { path: "e.py", content: "aaa\nx = 1\nx = 1\n" });
  for (const [old, code] of [
    ["x = 2", "edit/no_match"],
    ["x = 1", "edit/several_matches"],
    ["aa", "edit/several_matches"],
  ]) {
    const answer = await run(editTool, { path: "e.py", old, new: "y" });
    expect(answer.failed).toBe(true);
    expect(answer.text).toContain(code);
  }
  expect(await readFile(join(workbench.workspace, "e.py"), "utf8")).toBe("aaa\nx = 1\nx = 1\n");
  expect((await run(editTool, { path: "e.py", old: "aaa\nx = 1", new: "$& = 2" })).text).toBe(
    "Edited e.py at line 1.",
  );
  expect(await readFile(join(workbench.workspace, "e.py"), "utf8")).toBe("$& = 2\nx = 1\n");
});

test("paths that lead out of the workspace, by name or by a planted link, are refused", async () => {
  const secret = join(workbench.directory, "secret.txt");
  await writeFile(secret, "secret");
  await mkdir(join(workbench.workspace, "links"), { recursive: true });
  await symlink(secret, join(workbench.workspace, "links/model.bin"));
  await symlink(workbench.directory, join(workbench.workspace, "links/out"));
  for (const path of ["../secret.txt", "/etc/passwd", "links/model.bin", "links/out/secret.txt", "."]) {
    const read = await run(readTool, { path });
    expect([path, read.failed]).toEqual([path, true]);
    expect(read.text).not.toContain('secret"');
    // Writing over a planted link replaces the link itself.
    expect((await run(writeTool, { path, content: "mine" })).failed).toBe(path !== "links/model.bin");
  }
  expect(await readFile(secret, "utf8")).toBe("secret");
});

test("a missing file is named as missing", async () => {
  expect((await run(readTool, { path: "nowhere.txt" })).text).toContain("file/missing");
});

test("a failing command is an answer with its output and exit code; one that runs too long is killed", async () => {
  const failed = await run(bashTool, { command: "echo before; exit 3" });
  expect(failed.failed).toBe(true);
  expect(failed.text).toMatch(/exit code 3.*before/);
  const late = await run(bashTool, { command: "sleep 60 & sleep 60", timeout_s: 0.3 });
  expect(late.text).toMatch(/ended by timeout/);
});

test("a long result keeps head and tail, and the whole can be read from a file", async () => {
  const { text } = await run(bashTool, { command: "seq 1 20000" });
  expect(text.length).toBeLessThan(21_000);
  expect(text).toMatch(/^1\n2\n/);
  expect(text.trimEnd()).toMatch(/20000$/);
});

test("python keeps its variables, shows the last value, and says what went wrong", async () => {
  expect((await run(pythonTool, { code: "import math\nx = 20" })).text).toBe("(no output)");
  expect((await run(pythonTool, { code: "print('hi')\nx + 1" })).text).toBe("hi\n21");
  const broken = await run(pythonTool, { code: "x / 0" });
  expect(broken.failed).toBe(true);
  expect(broken.text).toContain("ZeroDivisionError");
  expect((await run(pythonTool, { code: "x" })).text).toBe("20");
});

test("nothing is run before there is a contract", async () => {
  await run(writeTool, { path: "train.py", content: "print(1)" });
  const answer = await run(startRunTool, { name: "n", script: "train.py" });
  expect(answer.text).toContain("contract/not_fixed");
});

test("an interrupt reaches a running command at once", async () => {
  const controller = new AbortController();
  const running = run(bashTool, { command: "sleep 60" }, controller.signal);
  setTimeout(() => controller.abort(new DOMException("stop", "AbortError")), 100);
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
});

test("what is installed is told by name, and calls of a file are held against it", async () => {
  const named = await run(installedApiTool, { names: ["sklearn.svm.SVC", "sklearn.svm.SVCC"] });
  expect(named.text).toMatch(
    /^<material source="installed packages \(base\)">\nsklearn\.svm\.SVC \(class, scikit-learn \d/,
  );
  expect(named.text).toContain("SVC(*, C=1.0, kernel='rbf'");
  expect(named.text).toMatch(/sklearn\.svm has no SVCC\. Near: sklearn\.svm\.SVC/);
  await run(writeTool, { path: "fit.py", content: "from sklearn.svm import SVC\nSVC(c=1)\n" });
  const { text } = await run(installedApiTool, { paths: ["fit.py"] });
  expect(text).toBe(
    "fit.py:2: sklearn.svm.SVC has no parameter c. Near: C.\nfit.py: 1 call held against what is installed.",
  );
  const both = await run(installedApiTool, { paths: ["fit.py"], names: ["json"] });
  expect(both.text).toContain("either names or paths");
  expect((await run(installedApiTool, { names: ["os; import x"] })).failed).toBe(true);
});
