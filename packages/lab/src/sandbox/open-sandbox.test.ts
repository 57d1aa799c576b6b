import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sandboxKinds } from "../testing/sandbox-kinds.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { detectAbilities } from "./abilities.ts";
import { createCgroup, sweepCgroups } from "./cgroup.ts";
import { mergeLimits } from "./limits.ts";
import { openSandbox, openSandboxOfKind } from "./open-sandbox.ts";
import { probeSandbox } from "./probe-sandbox.ts";
import type { Sandbox, SandboxKind } from "./sandbox.ts";

const signal = new AbortController().signal;
const abilities = await detectAbilities({ signal });
const kinds = await sandboxKinds();
const possible: SandboxKind[] = [
  ...kinds.filter(({ missing }) => missing === null).map(({ kind }) => kind),
  "none",
];

interface Opened extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly folder: string;
  run(script: string, options?: Partial<Parameters<Sandbox["exec"]>[0]>): ReturnType<Sandbox["exec"]>;
}

async function open(kind: SandboxKind): Promise<Opened> {
  const folder = await temporaryFolder();
  const options = { workspace: `${folder.path}/workspace`, home: folder.path, readOnlyPaths: [] };
  const sandbox = await openSandboxOfKind({ ...options, kind, abilities, signal });
  return {
    sandbox,
    folder: folder.path,
    run: (script, more) => sandbox.exec({ argv: ["/bin/sh", "-c", script], signal, ...more }),
    async [Symbol.asyncDispose]() {
      await sandbox[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function grows(path: string): Promise<boolean> {
  const before = (await stat(path)).size;
  await new Promise((resolve) => setTimeout(resolve, 200));
  return (await stat(path)).size > before;
}

/** Every group that this machine's layout holds for us. */
function groupsLeft(): string[] {
  return Object.values(abilities.cgroups?.controllers ?? {}).flatMap((parent) =>
    readdirSync(parent).filter((name) => name.startsWith("ml-intern-") && name.includes(`-${process.pid}-`)),
  );
}

describe.each(possible)("a sandbox of kind %s", (kind) => {
  it("passes exit codes, output in its order, and a missing program on", async () => {
    await using opened = await open(kind);
    const result = await opened.run("echo one; echo two >&2; echo three; exit 3");
    expect(result).toMatchObject({
      ended: "exited",
      exit_code: 3,
      output: "one\ntwo\nthree\n",
      truncated: false,
    });
    const missing = await opened.sandbox.exec({ argv: ["no-such-program"], signal });
    expect(missing).toMatchObject({ ended: "exited", exit_code: 127 });
    expect((await opened.run("kill -SEGV $$")).exit_code).toBe(128 + 11);
  });

  it("runs in the workspace, with a clean environment and what the caller adds", async () => {
    await using opened = await open(kind);
    process.env.SECRET_OF_THE_HOST = "bait";
    await mkdir(`${opened.sandbox.hostWorkspace}/below`);
    const { output } = await opened.run("pwd; echo $SECRET_OF_THE_HOST$ADDED", {
      env: { ADDED: "yes" },
      cwd: "below",
    });
    expect(output).toBe(`${opened.sandbox.workspace}/below\nyes\n`);
    delete process.env.SECRET_OF_THE_HOST;
  });

  it("keeps head and tail of long output, and all of it in the log up to the limit", async () => {
    await using opened = await open(kind);
    const logPath = `${opened.folder}/log.txt`;
    let heard = 0;
    const result = await opened.run("seq 1 100000; echo the end", {
      logPath,
      limits: { outputBytes: 300_000 },
      onOutput: (text) => {
        heard += text.length;
      },
    });
    expect(result.truncated).toBe(true);
    expect(result.output.startsWith("1\n2\n")).toBe(true);
    expect(result.output.endsWith("the end\n")).toBe(true);
    expect(result.output.length).toBeLessThan(70_000);
    expect(heard).toBe(300_000);
    expect(await readFile(logPath, "utf8")).toMatch(/more bytes of output were dropped\]\n$/);
  });

  it("ends the whole tree at the time limit and on cancel", async () => {
    await using opened = await open(kind);
    const daemon =
      "setsid sh -c 'while true; do echo x >> alive; sleep 0.02; done' & while ! test -e alive; do :; done; echo up; wait";
    const late = await opened.run(daemon, { limits: { wallMs: 700 } });
    expect(late).toMatchObject({ ended: "timeout", exit_code: null });
    expect(await grows(`${opened.sandbox.hostWorkspace}/alive`)).toBe(false);

    const controller = new AbortController();
    const cancelled = await opened.run(daemon, {
      signal: controller.signal,
      onOutput: () => controller.abort(),
    });
    expect(cancelled).toMatchObject({ ended: "cancelled", exit_code: null });
    expect(await grows(`${opened.sandbox.hostWorkspace}/alive`)).toBe(false);
    expect(groupsLeft()).toEqual([]);
  });

  it("leaves nothing running when the program that started it is killed", async () => {
    await using opened = await open(kind);
    const main = fileURLToPath(new URL("../testing/interrupted-main.ts", import.meta.url));
    const workspace = `${opened.folder}/other`;
    mkdirSync(workspace);
    const program = spawn(
      process.execPath,
      ["--conditions=source", "--import", "tsx", main, kind, workspace, opened.folder],
      { stdio: ["ignore", "pipe", "inherit"], cwd: fileURLToPath(new URL("../..", import.meta.url)) },
    );
    await once(program.stdout, "data");
    expect(await grows(`${workspace}/alive-too`)).toBe(true);
    program.kill("SIGKILL");
    await once(program, "exit");
    // Nobody is left to report the end of the tree; it comes soon after, or never.
    await expect.poll(() => grows(`${workspace}/alive`), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => grows(`${workspace}/alive-too`), { timeout: 10_000 }).toBe(false);
    if (abilities.cgroups !== null) await sweepCgroups(abilities.cgroups);
  });

  it("talks over a channel with a process that it started", async () => {
    await using opened = await open(kind);
    const echo = "import os; f = os.fdopen(3, 'r+b', buffering=0); f.write(f.readline().upper()); input()";
    const started = await opened.sandbox.spawn({ argv: ["python3", "-c", echo], channel: true, signal });
    started.channel?.write("hello\n");
    const [answer] = (await once(started.channel!, "data")) as [Buffer];
    expect(answer.toString()).toBe("HELLO\n");
    started.stdin.end("\n");
    expect(await started.finished).toMatchObject({ ended: "exited", exit_code: 0 });
  });
});

describe("opening a sandbox", () => {
  it("takes the strongest walls that work and says what each promise rests on", async () => {
    await using folder = await temporaryFolder();
    const options = { workspace: `${folder.path}/workspace`, home: folder.path, readOnlyPaths: [] };
    await using sandbox = await openSandbox({ ...options, mode: "auto" });
    expect(sandbox.kind).toBe(kinds.find(({ missing }) => missing === null)?.kind);
    expect(sandbox.guarantees.every(({ name, by }) => name !== "" && by !== "")).toBe(true);
    await using bare = await openSandbox({ ...options, mode: "none" });
    expect(bare.guarantees.some(({ enforced }) => !enforced)).toBe(true);
  });

  it("refuses with a mend where nothing can hold the walls", async () => {
    await using folder = await temporaryFolder();
    const options = { workspace: `${folder.path}/workspace`, home: folder.path, readOnlyPaths: [], signal };
    const none = { ...abilities, bubblewrap: null };
    const opening = openSandboxOfKind({ ...options, kind: "bubblewrap", abilities: none });
    await expect(opening).rejects.toMatchObject({
      code: "sandbox/unavailable",
      mend: expect.stringContaining("apt-get"),
    });
    const broken = { ...abilities, bubblewrap: "/bin/false" };
    const failing = openSandboxOfKind({ ...options, kind: "bubblewrap", abilities: broken });
    await expect(failing).rejects.toMatchObject({ code: "sandbox/unavailable" });
  });

  it("gives files of the host to the sandbox's user without following links", async () => {
    await using folder = await temporaryFolder();
    await writeFile(`${folder.path}/outside`, "x");
    const owner = (await stat(`${folder.path}/outside`)).uid;
    await mkdir(`${folder.path}/workspace`);
    await writeFile(`${folder.path}/workspace/inside`, "x");
    await symlink(`${folder.path}/outside`, `${folder.path}/workspace/link`);
    await using sandbox = await openSandbox({
      workspace: `${folder.path}/workspace`,
      home: folder.path,
      readOnlyPaths: [],
      mode: "auto",
    });
    expect((await stat(`${folder.path}/workspace/inside`)).uid).toBe(sandbox.owner.uid);
    expect((await stat(`${folder.path}/outside`)).uid).toBe(owner);
    await expect(sandbox.adoptFile("link")).rejects.toMatchObject({ code: "ELOOP" });
    await expect(sandbox.adoptFile("../outside")).rejects.toThrow(RangeError);
  });

  it.runIf(abilities.cgroups !== null)("removes control groups of processes that died", async () => {
    const layout = abilities.cgroups!;
    const parent = Object.values(layout.controllers)[0]!;
    const live = await createCgroup({ layout, limits: mergeLimits() });
    const dead = readdirSync(parent)
      .find((name) => name.includes(`-${process.pid}-`))!
      .replace(/-\d+-\d+-\d+$/, "-4194304-1-0");
    mkdirSync(`${parent}/${dead}`);
    await sweepCgroups(layout);
    expect(readdirSync(parent)).not.toContain(dead);
    expect(groupsLeft().length).toBeGreaterThan(0);
    await live.remove();
    expect(groupsLeft()).toEqual([]);
  });

  it("lists what this machine can enforce, each with its mend", async () => {
    await using folder = await temporaryFolder();
    const checks = await probeSandbox({ home: folder.path });
    console.log(
      checks
        .map(({ name, ok, detail, mend }) => `${ok ? "ok" : "--"} ${name}: ${detail} ${mend ?? ""}`)
        .join("\n"),
    );
    expect(checks.filter(({ ok, mend }) => ok === (mend !== null))).toEqual([]);
    expect(checks.map(({ name }) => name)).toContain("landlock");
  });
});
