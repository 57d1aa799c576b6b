import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import {
  appendFile,
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../testing/temporary-folder.ts";
import { composeSnapshot } from "./compose-snapshot.ts";
import { pruneSnapshots } from "./prune-snapshots.ts";
import { restoreSnapshot } from "./restore-snapshot.ts";
import { type SaveSnapshotOptions, saveSnapshot } from "./save-snapshot.ts";
import type { Snapshot } from "./snapshot.ts";
import { copySnapshots, readManifest } from "./snapshot-store.ts";

const signal = new AbortController().signal;
let folder: TemporaryFolder;
let workspace: string;
let store: string;
let outside: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  workspace = join(folder.path, "workspace");
  store = join(folder.path, "snapshots");
  outside = join(folder.path, "outside");
  for (const path of [workspace, outside]) await mkdir(path);
  await writeFile(join(outside, "secret"), "the person's own");
});
afterEach(() => folder[Symbol.asyncDispose]());

const inside = (path: string): string => join(workspace, path);
const save = (extra: Partial<SaveSnapshotOptions> = {}): Promise<Snapshot> =>
  saveSnapshot({ workspace, store, signal, ...extra });
const restore = ({ id }: { readonly id: string }) => restoreSnapshot({ workspace, store, id, signal });

/** Everything that can be seen of a folder, without following links. */
async function look(path: string, at = ""): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(path)).sort()) {
    const [full, shown] = [join(path, name), `${at}${name}`];
    const status = await lstat(full);
    const mode = (status.mode & 0o777).toString(8);
    if (status.isSymbolicLink()) lines.push(`${shown} -> ${await readlink(full)}`);
    else if (status.isDirectory()) lines.push(`${shown}/ ${mode}`, ...(await look(full, `${shown}/`)));
    else if (status.isFile()) lines.push(`${shown} ${mode} ${await readFile(full, "utf8")}`);
    else lines.push(`${shown} special`);
  }
  return lines;
}

async function fill(): Promise<void> {
  await mkdir(inside("src/deep"), { recursive: true });
  await mkdir(inside("empty"), { mode: 0o750 });
  await writeFile(inside("train.py"), "print(1)\n");
  await writeFile(inside("src/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  await writeFile(inside("src/deep/a b\nc"), "odd name");
  await writeFile(inside("__proto__"), "odder");
  await symlink("../train.py", inside("src/again"));
}

test("a workspace comes back exactly: contents, modes, links and empty folders; what came later goes", async () => {
  await fill();
  const before = await look(workspace);
  const snapshot = await save();
  expect(snapshot).toMatchObject({ files: 4, skipped: [] });
  await writeFile(inside("train.py"), "print(2)\n");
  await rm(inside("src/deep"), { recursive: true });
  await rm(inside("empty"), { recursive: true });
  await writeFile(inside("empty"), "a file where a folder was");
  await rm(inside("src/again"));
  await mkdir(inside("src/again/x/y"), { recursive: true });
  await chmod(inside("src/run.sh"), 0o644);
  await writeFile(inside("later"), "");
  const untouched = await stat(inside("__proto__"));
  await restore(snapshot);
  expect(await look(workspace)).toEqual(before);
  expect((await save()).id).toBe(snapshot.id);
  const { ino, mtimeMs } = await stat(inside("__proto__"));
  expect([ino, mtimeMs]).toEqual([untouched.ino, untouched.mtimeMs]);
});

test("a workspace that was deleted comes back whole", async () => {
  await fill();
  const before = await look(workspace);
  const snapshot = await save();
  await rm(workspace, { recursive: true });
  await expect(save()).rejects.toMatchObject({ code: "ENOENT" });
  await restore(snapshot);
  expect(await look(workspace)).toEqual(before);
});

test("a link in place of the workspace is neither kept nor restored into", async () => {
  await writeFile(inside("a"), "1");
  const saved = await save();
  await rm(workspace, { recursive: true });
  await symlink(outside, workspace);
  const before = await look(outside);
  await expect(save()).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(restore(saved)).rejects.toMatchObject({ code: "ENOTDIR" });
  expect(await look(outside)).toEqual(before);
});

test("a workspace that cannot come back is not made: it stays missing", async () => {
  await writeFile(inside("a"), "1");
  const saved = await save();
  await rm(workspace, { recursive: true });
  await rm(store, { recursive: true });
  await expect(restore(saved)).rejects.toMatchObject({ code: "snapshot/damaged" });
  await expect(lstat(workspace)).rejects.toMatchObject({ code: "ENOENT" });
});

test("what was not touched is not read again, and a change that hides behind an old time is seen", async () => {
  await fill();
  await new Promise((resolve) => setTimeout(resolve, 250));
  const first = await save();
  await rm(join(store, "objects"), { recursive: true });
  const second = await save({ previous: first });
  expect(second.id).toBe(first.id);
  expect(await readdir(join(store, "objects"))).toEqual([]);
  const { atime, mtime } = await stat(inside("train.py"));
  await writeFile(inside("train.py"), "print(9)\n");
  await utimes(inside("train.py"), atime, mtime);
  const third = await save({ previous: second });
  expect(third.id).not.toBe(first.id);
  expect(await readdir(join(store, "objects"))).toHaveLength(1);
});

test("a folder of files that are written once is looked at again when one comes or goes", async () => {
  const writtenOnce = ["kept"];
  await mkdir(inside("kept"));
  await writeFile(inside("kept/a"), "a");
  const settled = new Date(Date.now() - 10_000);
  await utimes(inside("kept"), settled, settled);
  await new Promise((resolve) => setTimeout(resolve, 150)); // beyond the tick of the clock
  const first = await save({ writtenOnce });
  await writeFile(inside("kept/a"), "changed against the word");
  const same = await save({ writtenOnce, previous: first });
  expect(same.id).toBe(first.id);
  await writeFile(inside("kept/b"), "b");
  const more = await save({ writtenOnce, previous: same });
  await rm(inside("kept"), { recursive: true });
  await restore(more);
  expect(await look(workspace)).toEqual(["kept/ 755", "kept/a 644 changed against the word", "kept/b 644 b"]);
  await restore(first);
  expect(await look(workspace)).toEqual(["kept/ 755", "kept/a 644 a"]);
});

test("a file that changes right after a snapshot, in the same tick and with the same size, is seen by the next", async () => {
  await writeFile(inside("a"), "x0");
  let snapshot = await save();
  for (let turn = 1; turn < 10; turn++) {
    writeFileSync(inside("a"), `x${turn}`);
    const next = await save({ previous: snapshot });
    expect(next.id).not.toBe(snapshot.id);
    snapshot = next;
  }
});

test("links out, pipes, sockets and files of two names give nothing away and hold nothing up", async () => {
  await symlink(outside, inside("folder"));
  await symlink(join(outside, "secret"), inside("file"));
  await link(join(outside, "secret"), inside("hard"));
  execFileSync("mkfifo", [inside("pipe")]);
  const server = createServer().listen(inside("socket"));
  await once(server, "listening");
  const snapshot = await save();
  expect(snapshot.files).toBe(0);
  expect(snapshot.skipped.map(({ path }) => path)).toEqual(["hard", "pipe", "socket"]);
  expect(await readdir(join(store, "objects"))).toEqual([]);
  const before = await look(workspace);
  await restore(snapshot);
  expect(await look(workspace)).toEqual(before);
  server.close();
});

test("a restore writes through no link that code has planted, whatever it stands for", async () => {
  await fill();
  const before = await look(workspace);
  const snapshot = await save();
  await rm(inside("src"), { recursive: true });
  await symlink(outside, inside("src"));
  await rm(inside("train.py"));
  await symlink(join(outside, "secret"), inside("train.py"));
  await rm(inside("__proto__"));
  await link(join(outside, "secret"), inside("__proto__"));
  await mkdir(inside("gone"));
  await symlink(outside, inside("gone/link"));
  execFileSync("mkfifo", [inside("gone/pipe")]);
  await restore(snapshot);
  expect(await look(workspace)).toEqual(before);
  expect(await look(outside)).toEqual(["secret 644 the person's own"]);
});

test("folders as deep as code can make them, and names of any bytes, are cleared away", async () => {
  await writeFile(inside("a"), "a");
  const snapshot = await save();
  mkdirSync(inside("d/".repeat(300)), { recursive: true });
  mkdirSync(inside("odd"));
  const bytes = Buffer.concat([Buffer.from(`${inside("odd")}/`), Buffer.from([0x66, 0xff, 0xfe])]);
  writeFileSync(bytes, "x");
  const full = await save();
  expect(full.skipped.map(({ reason }) => reason).sort()).toEqual([
    "its name is no UTF-8",
    "too deep a folder",
  ]);
  await restore(snapshot);
  expect(await look(workspace)).toEqual(["a 644 a"]);
});

test("what goes beyond a limit is named, and stays as it is when the rest goes back; the lab's rows come first", async () => {
  await mkdir(inside("data"));
  await mkdir(inside("many"));
  await writeFile(inside("data/train.csv"), "r".repeat(500));
  await writeFile(inside("a-large"), "l".repeat(400));
  await writeFile(inside("b"), "b".repeat(90));
  await writeFile(inside("c"), "c".repeat(90));
  for (let n = 0; n < 40; n++) await writeFile(inside(`many/${n}`), "");
  const snapshot = await save({ limits: { fileBytes: 100, totalBytes: 600, entries: 20 } });
  expect(snapshot.skipped).toEqual([
    { path: "a-large", reason: "larger than 100 bytes" },
    { path: "c", reason: "more than 600 bytes in all" },
    { path: "many", reason: "more than 20 files in all" },
  ]);
  await writeFile(inside("a-large"), "later");
  await rm(inside("data"), { recursive: true });
  await restore(snapshot);
  expect(await readFile(inside("data/train.csv"), "utf8")).toHaveLength(500);
  expect(await readFile(inside("a-large"), "utf8")).toBe("later");
  expect(await readdir(inside("many"))).toHaveLength(40);
});

test("caches are no part of a state", async () => {
  await writeFile(inside("a"), "a");
  const bare = await save();
  for (const path of ["__pycache__", ".home/.cache/pip", "src/__pycache__"])
    await mkdir(inside(path), { recursive: true });
  await writeFile(inside("__pycache__/a.pyc"), "x");
  const cached = await save();
  expect((await readManifest(store, cached.id)).entries.map(({ path }) => path)).toEqual([
    ".home",
    "a",
    "src",
  ]);
  await restore(bare);
  expect(await readdir(workspace)).toEqual(["a"]);
});

test("a file that grows while it is read is kept as far as it had come", async () => {
  await writeFile(inside("log"), "x".repeat(3_000_000));
  const growing = setInterval(() => void appendFile(inside("log"), "y".repeat(100_000)), 1);
  const snapshot = await save();
  clearInterval(growing);
  await restore(snapshot);
  expect((await save()).id).toBe(snapshot.id);
});

test("a file that is replaced while it is read is kept as it was or as it is, and the next snapshot has it as it is", async () => {
  const [before, after] = ["a", "b"].map((letter) => letter.repeat(20_000_000)) as [string, string];
  for (const moment of [0, 2, 4, 8]) {
    await writeFile(inside("model.bin"), before);
    await writeFile(join(outside, "new"), after);
    const saving = save();
    await new Promise((resolve) => setTimeout(resolve, moment));
    await rename(join(outside, "new"), inside("model.bin"));
    const first = await saving;
    const second = await save({ previous: first });
    await restore(first);
    expect([before, after].includes(await readFile(inside("model.bin"), "utf8"))).toBe(true);
    await restore(second);
    expect((await readFile(inside("model.bin"), "utf8")) === after).toBe(true);
  }
});

test("many files come back, also from a machine without the command that syncs them together", async () => {
  const save200 = async (letter: string): Promise<void> => {
    for (let n = 0; n < 200; n++) await writeFile(inside(`${n}`), `${letter}${n}`);
    const [snapshot, was] = [await save(), await look(workspace)];
    await rm(workspace, { recursive: true });
    await restore(snapshot);
    expect(await look(workspace)).toEqual(was);
  };
  await save200("a");
  vi.stubEnv("PATH", outside);
  try {
    await save200("b");
  } finally {
    vi.unstubAllEnvs();
  }
});

test("a save that is stopped leaves nothing in the store", async () => {
  await save();
  for (let n = 0; n < 500; n++) await writeFile(inside(`${n}`), `${n}`);
  const stop = new AbortController();
  const saving = save({ signal: stop.signal });
  while ((await readdir(join(store, "objects"))).length === 0) await new Promise(setImmediate);
  stop.abort();
  await expect(saving).rejects.toThrow();
  expect(await readdir(join(store, "objects"))).toEqual([]);
});

test.runIf(process.getuid?.() === 0)(
  "code that fills the disk costs a snapshot, not the ones before, and nothing half stays in its way",
  async () => {
    const disk = join(folder.path, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
    try {
      [workspace, store] = [join(disk, "workspace"), join(disk, "snapshots")];
      await mkdir(workspace);
      await writeFile(inside("small"), "small");
      const before = await save();
      const fill = writeFile(inside("large"), Buffer.alloc(2_000_000, "x"));
      await expect(fill).rejects.toMatchObject({ code: "ENOSPC" });
      await expect(save({ previous: before })).rejects.toMatchObject({ code: "disk/full" });
      expect(await readdir(join(store, "objects"))).toHaveLength(1);
      await rm(inside("large"));
      await rm(inside("small"));
      await restore(before);
      expect(await look(workspace)).toEqual(["small 644 small"]);
      expect((await save()).id).toBe(before.id);
    } finally {
      execFileSync("umount", [disk]);
    }
  },
);

test("damage is named before anything is changed", async () => {
  await fill();
  const snapshot = await save();
  const { entries } = await readManifest(store, snapshot.id);
  const script = entries.find(({ path }) => path === "train.py");
  if (script?.kind !== "file") throw new Error("no train.py");
  const object = join(store, "objects", script.sha256);
  await writeFile(inside("train.py"), "changed");
  await writeFile(inside("later"), "");
  await chmod(object, 0o600);
  await writeFile(object, "print(7)\n");
  const before = await look(workspace);
  await expect(restore(snapshot)).rejects.toMatchObject({
    code: "snapshot/damaged",
    message: expect.stringContaining(`train.py (${object})`),
  });
  await rm(object);
  await expect(restore(snapshot)).rejects.toMatchObject({ code: "snapshot/damaged" });
  expect(await look(workspace)).toEqual(before);
  // An object that a failing disk cut short is written again when the same content is saved again.
  await writeFile(inside("train.py"), "print(1)\n");
  await writeFile(object, "");
  await save();
  expect(await readFile(object, "utf8")).toBe("print(1)\n");
  const manifest = join(store, "manifests", `${snapshot.id}.json`);
  await chmod(manifest, 0o600);
  await truncate(manifest, 10);
  await expect(restore(snapshot)).rejects.toMatchObject({ code: "snapshot/damaged" });
});

test("snapshots that nobody needs go with their objects; what others need stays, also in a store that shares it", async () => {
  await writeFile(inside("shared"), "shared");
  await writeFile(inside("a"), "first");
  const first = await save();
  await writeFile(inside("a"), "second");
  const second = await save();
  const other = join(folder.path, "other");
  await copySnapshots({ from: store, to: other, ids: [first.id] });
  await writeFile(join(store, "objects", "0000.draft"), "half");
  expect(await pruneSnapshots({ store, keep: [second.id] })).toEqual({ snapshots: 1, objects: 2 });
  expect(await readdir(join(store, "objects"))).toHaveLength(2);
  await restore(second);
  await restoreSnapshot({ workspace, store: other, id: first.id, signal });
  expect(await readFile(inside("a"), "utf8")).toBe("first");
  await writeFile(join(store, "objects", "0000.draft"), "half");
  await expect(pruneSnapshots({ store, keep: [first.id, second.id] })).rejects.toMatchObject({
    code: "snapshot/damaged",
  });
  await restore(second);
});

test("a snapshot can take one folder from another", async () => {
  await writeFile(inside("train.py"), "early");
  const early = await save();
  await mkdir(inside("data"));
  await writeFile(inside("data/train.csv"), "rows");
  await writeFile(inside("train.py"), "late");
  const late = await save();
  const both = await composeSnapshot({ store, base: early.id, other: late.id, folder: "data" });
  await restore({ id: both });
  expect(await look(workspace)).toEqual(["data/ 755", "data/train.csv 644 rows", "train.py 644 early"]);
  expect(await composeSnapshot({ store, base: both, other: late.id, folder: "data" })).toBe(both);
});

const MAIN = fileURLToPath(new URL("../testing/snapshot-main.ts", import.meta.url));

/** Runs the program and kills it some time after it has begun. */
async function killed(args: readonly string[], after: number): Promise<void> {
  const node = ["--conditions=source", "--import", import.meta.resolve("tsx"), MAIN];
  const child = spawn(process.execPath, [...node, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const timer = setTimeout(() => child.kill("SIGKILL"), after);
  await once(child, "close");
  clearTimeout(timer);
}

async function fillMany(letter: string): Promise<void> {
  for (let n = 0; n < 30; n++) await mkdir(inside(`folder${n % 5}`), { recursive: true });
  for (let n = 0; n < 150; n++)
    await writeFile(inside(`folder${n % 5}/${letter}${n}`), `${letter}${n}`.repeat(500));
  await writeFile(inside("same"), letter.repeat(2_000_000));
}

test.each([5, 20, 60, 150])(
  "killed %i ms into a save, there is nothing half; the next save is whole",
  async (after) => {
    await fillMany("a");
    await killed([workspace, store], after);
    const before = await look(workspace);
    const snapshot = await save();
    await pruneSnapshots({ store, keep: [snapshot.id] });
    expect((await readdir(join(store, "objects"))).filter((name) => name.endsWith(".draft"))).toEqual([]);
    await rm(workspace, { recursive: true });
    await restore(snapshot);
    expect(await look(workspace)).toEqual(before);
  },
);

test.each([10, 50, 120])(
  "killed %i ms into restores, no file is half, and doing it again is enough",
  async (after) => {
    await fillMany("a");
    const [first, wasFirst] = [await save(), await look(workspace)];
    await rm(workspace, { recursive: true });
    await fillMany("b");
    const second = await save();
    await killed([workspace, store, first.id, second.id], after);
    const whole = [..."ab"].map((letter) => letter.repeat(2_000_000));
    const same = await readFile(inside("same"), "utf8");
    expect(whole.includes(same)).toBe(true);
    await restore(first);
    expect(await look(workspace)).toEqual(wasFirst);
  },
);
