import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Environment, provisionEnvironment } from "../environments/provision-environment.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type TemporaryFolder, temporaryFolder } from "../testing/temporary-folder.ts";
import { testHome } from "../testing/test-home.ts";
import { type Interpreter, openInterpreter } from "./open-interpreter.ts";

const signal = new AbortController().signal;
let folder: TemporaryFolder;
let sandbox: Sandbox;
let environment: Environment;
let interpreter: Interpreter;

beforeAll(async () => {
  folder = await temporaryFolder();
  environment = await provisionEnvironment({ name: "base", home: testHome });
  const { readOnlyPaths } = environment;
  sandbox = await openSandbox({
    workspace: `${folder.path}/workspace`,
    readOnlyPaths,
    home: folder.path,
    mode: "auto",
  });
  interpreter = openInterpreter({ sandbox, environment });
}, 300_000);

afterAll(async () => {
  await interpreter[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const execute = (code: string, options = {}) => interpreter.execute(code, { signal, ...options });

describe("the interpreter", () => {
  it("keeps variables, gives the last expression, and streams what is printed", async () => {
    const heard: string[] = [];
    const first = await execute("x = 20\ndef f(y):\n    return x + y", {
      onOutput: (text: string) => heard.push(text),
    });
    expect(first).toEqual({ output: "", value: null, error: null, restarted: false });
    const second = await execute("print('hé')\nimport sys; print('err', file=sys.stderr)\nf(22)", {
      onOutput: (text: string) => heard.push(text),
    });
    expect(second).toEqual({ output: "hé\nerr\n", value: "42", error: null, restarted: false });
    expect(heard.join("")).toBe("hé\nerr\n");
  });

  it("shows the traceback of the code alone and lives on", async () => {
    const failed = await execute("def g():\n    return 1 / 0\ng()");
    expect(failed.error).toMatch(/^Traceback.*\n {2}File "<call \d+>", line 3/);
    expect(failed.error).toMatch(/return 1 \/ 0[\s\S]*ZeroDivisionError/);
    expect(failed.error).not.toMatch(/in run|in answer/);
    expect((await execute("if:")).error).toContain("SyntaxError");
    expect((await execute("raise SystemExit(3)")).error).toBe("SystemExit: 3");
    expect((await execute("x")).value).toBe("20");
  });

  it("interrupts code that takes too long and keeps its variables", async () => {
    const late = await execute("x = 21\nimport time\ntime.sleep(60)", { timeoutMs: 300 });
    expect(late).toMatchObject({ value: null, restarted: false });
    expect(late.error).toMatch(/longer than 0.3 s, and was interrupted[\s\S]*KeyboardInterrupt/);
    expect((await execute("x")).value).toBe("21");
  });

  it("kills code that will not be interrupted, says so, and starts again empty", {
    timeout: 20_000,
  }, async () => {
    const controller = new AbortController();
    const stubborn =
      "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('up')\nwhile True: pass";
    const killed = await execute(stubborn, { signal: controller.signal, onOutput: () => controller.abort() });
    expect(killed).toMatchObject({ output: "up\n", value: null, restarted: true });
    expect(killed.error).toMatch(/cancelled, and had to be killed.*variables are gone/);
    expect((await execute("x")).error).toContain("NameError");
  });

  it("says when code ends the process, and bounds what it gives back", async () => {
    const ended = await execute("import os\nprint('before', flush=True)\nos._exit(1)");
    expect(ended).toMatchObject({ output: "before\n", restarted: true });
    const long = await execute("print('y' * 100_000)\n'z' * 100_000");
    expect(long.output.length).toBeLessThan(31_000);
    expect(long.value?.length).toBeLessThan(21_000);
  });

  it("runs calls one after the other", async () => {
    const results = await Promise.all(["a = 1", "a += 1", "a"].map((code) => execute(code)));
    expect(results[2]?.value).toBe("2");
  });

  it("does not hang on code that closes its output or lies on the channel", async () => {
    const lying = await execute("import os\nos.write(3, b'not json\\n')\n5");
    expect(lying.value).toBe("5");
    const closing = await execute("os.close(1)\n6");
    expect(closing.value).toBe("6");
  });
});
