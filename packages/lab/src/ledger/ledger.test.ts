import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { openLedger } from "./open-ledger.ts";
import { verifyLedger } from "./verify-ledger.ts";

let home: string;
let path: string;
const now = () => new Date("2026-01-02T03:04:05Z");

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "ledger-"));
  path = join(home, "session", "lab", "ledger.jsonl");
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function writeThreeRows(): Promise<void> {
  await using ledger = await openLedger({ path, home, now });
  await ledger.append("contract", { metric: "accuracy" });
  await ledger.append("score", { value: 0.97 }, { key: "run_1/validation" });
}

describe("a ledger", () => {
  it("begins with a genesis row that states the public key, and chains every row to the one before", async () => {
    await writeThreeRows();
    const rows = (await readFile(path, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map((row) => row.kind)).toEqual(["genesis", "contract", "score"]);
    expect(rows[0].body.public_key).toMatch(/^[A-Za-z0-9+/=]{60}$/);
    expect(rows[2].prev).toBe(rows[1].hash);
    expect(await verifyLedger(path)).toEqual({ ok: true, rows: 3, head: rows[2].hash });
  });

  it("adds no second row under a key that it already holds, also after it was opened again", async () => {
    await writeThreeRows();
    await using ledger = await openLedger({ path, home, now });
    const again = await ledger.append("score", { value: 0.5 }, { key: "run_1/validation" });
    expect(again.body).toEqual({ value: 0.97 });
    expect(ledger.rows).toHaveLength(3);
  });

  it("keeps the order of rows that are appended at the same time", async () => {
    await using ledger = await openLedger({ path, home, now });
    await Promise.all([1, 2, 3, 4].map((n) => ledger.append("run", { n })));
    expect(ledger.rows.slice(1).map((row) => row.body.n)).toEqual([1, 2, 3, 4]);
    expect(await verifyLedger(path)).toMatchObject({ ok: true, rows: 5 });
  });

  it("cuts a torn last line off, says so, and goes on", async () => {
    await writeThreeRows();
    await appendFile(path, '{"seq":3,"time":"2026');
    expect(await verifyLedger(path)).toMatchObject({ ok: false, line: 4 });
    await using ledger = await openLedger({ path, home, now });
    expect(ledger.repaired).toMatch(/21 bytes/);
    await ledger.append("run", { n: 1 });
    expect(await verifyLedger(path)).toMatchObject({ ok: true, rows: 4 });
  });

  it.each([
    ["a changed value", (text: string) => text.replace("0.97", "0.99"), 3],
    ["a removed row", (text: string) => text.replace(/^.*"contract".*\n/m, ""), 2],
    ["an added field", (text: string) => text.replace('"seq":1', '"seq":1,"note":"x"'), 2],
    ["a line of rubbish", (text: string) => text.replace(/^.*"contract".*$/m, "rubbish"), 2],
    ["a changed public key", (text: string) => text.replace(/public_key":"..../, 'public_key":"AAAA'), 1],
  ])("refuses %s and names the line", async (_what, damage, line) => {
    await writeThreeRows();
    await writeFile(path, damage(await readFile(path, "utf8")));
    expect(await verifyLedger(path)).toMatchObject({ ok: false, line });
    const before = await readFile(path, "utf8");
    await expect(openLedger({ path, home, now })).rejects.toMatchObject({
      code: "ledger/damaged",
      message: expect.stringContaining(`line ${line}`),
      mend: expect.stringContaining("backup"),
    });
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("does not accept rows that somebody without the key has hashed correctly", async () => {
    await writeThreeRows();
    const other = await mkdtemp(join(tmpdir(), "ledger-forger-"));
    const forged = join(other, "ledger.jsonl");
    await using ledger = await openLedger({ path: forged, home: other, now });
    await ledger.append("contract", { metric: "accuracy" });
    const [genesis] = (await readFile(path, "utf8")).split("\n");
    const [, second] = (await readFile(forged, "utf8")).split("\n");
    const { hashRow } = await import("./ledger-chain.ts");
    const row = { ...JSON.parse(second!), prev: JSON.parse(genesis!).hash };
    await writeFile(path, `${genesis}\n${JSON.stringify({ ...row, hash: hashRow(row) })}\n`);
    expect(await verifyLedger(path)).toMatchObject({
      ok: false,
      line: 2,
      reason: expect.stringContaining("signature"),
    });
    await rm(other, { recursive: true });
  });

  it("notices with a published head that rows were cut off, but not that rows were added", async () => {
    await writeThreeRows();
    const full = await verifyLedger(path);
    const head = full.ok ? full.head : "";
    const lines = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, `${lines.slice(0, 2).join("\n")}\n`);
    expect(await verifyLedger(path)).toMatchObject({ ok: true, rows: 2 });
    expect(await verifyLedger(path, { expectHead: head })).toMatchObject({
      ok: false,
      reason: expect.stringContaining("cut off"),
    });
    await writeFile(path, lines.join("\n"));
    {
      await using ledger = await openLedger({ path, home, now });
      await ledger.append("release", { repo: "me/model" });
    }
    expect(await verifyLedger(path, { expectHead: head })).toMatchObject({ ok: true, rows: 4 });
  });

  it("can only be continued by the installation that began it", async () => {
    await writeThreeRows();
    const other = await mkdtemp(join(tmpdir(), "ledger-other-"));
    await expect(openLedger({ path, home: other, now })).rejects.toMatchObject({ code: "ledger/damaged" });
    expect(await verifyLedger(path)).toMatchObject({ ok: true });
    await rm(other, { recursive: true });
  });

  it("keeps its key readable by its owner only", async () => {
    await writeThreeRows();
    expect((await stat(join(home, "keys", "evaluator.key"))).mode & 0o777).toBe(0o600);
  });

  it("derives the same secret for the same purpose, and another for another", async () => {
    await using ledger = await openLedger({ path, home, now });
    expect(ledger.deriveSecret("rows")).toBe(ledger.deriveSecret("rows"));
    expect(ledger.deriveSecret("rows")).not.toBe(ledger.deriveSecret("other"));
  });

  it("is locked while open and free afterwards", async () => {
    const first = await openLedger({ path, home, now });
    await expect(openLedger({ path, home, now })).rejects.toMatchObject({
      code: "ledger/locked",
      message: expect.stringContaining(String(process.pid)),
    });
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await using _second = await openLedger({ path, home, now });
  });

  it("is taken over from a process that died without closing it", async () => {
    await writeThreeRows();
    const child = spawn("true");
    await once(child, "exit");
    await writeFile(`${path}.lock`, JSON.stringify({ pid: child.pid, started: "1", token: "x" }));
    await using ledger = await openLedger({ path, home, now });
    expect(ledger.rows).toHaveLength(3);
  });

  it.runIf(canMount())("leaves no half row on a full disk, and goes on when there is room", async () => {
    const disk = join(home, "disk");
    execFileSync("mkdir", [disk]);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "none", disk]);
    try {
      const small = join(disk, "ledger.jsonl");
      await using ledger = await openLedger({ path: small, home, now });
      const big = { text: "x".repeat(20_000) };
      await expect(ledger.append("run", big)).rejects.toMatchObject({
        code: "disk/full",
        mend: expect.stringContaining("df -h"),
      });
      expect(await verifyLedger(small)).toMatchObject({ ok: true, rows: 1 });
      await ledger.append("run", { text: "small" });
      expect(await verifyLedger(small)).toMatchObject({ ok: true, rows: 2 });
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  });
});

describe("canonicalJson", () => {
  it("sorts keys at every level and leaves undefined fields out", () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: undefined })).toBe('{"b":[{"c":null,"d":1}]}');
  });

  it("refuses what JSON would silently turn into null", () => {
    expect(() => canonicalJson({ value: Number.NaN })).toThrow(/finite/);
  });
});

function canMount(): boolean {
  try {
    execFileSync("sh", ["-c", "d=$(mktemp -d) && mount -t tmpfs none $d && umount $d && rmdir $d"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}
