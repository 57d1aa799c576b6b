import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { sandboxKinds } from "../testing/sandbox-kinds.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { detectAbilities } from "./abilities.ts";
import { openSandboxOfKind } from "./open-sandbox.ts";
import {
  accessAttempts,
  baitMark,
  type EscapeReport,
  exhaustionAttempts,
  formatEscapes,
  tryEscapes,
} from "./try-escapes.ts";

const signal = new AbortController().signal;
const kinds = await sandboxKinds();
const possible = kinds.filter(({ missing }) => missing === null).map(({ kind }) => kind);
const main = fileURLToPath(new URL("../testing/escape-main.ts", import.meta.url));

/** What no kind of walls may let through, whatever the kernel can do; the rest is printed. */
const weakerWithoutNamespaces = new Set(["see other processes", "signal another process", "daemon"]);

/** Runs the attempts from a program with a secret in its environment and in a descriptor that it inherited. */
async function escapeReports(user: { uid: number; gid: number } | null): Promise<readonly EscapeReport[]> {
  await using folder = await temporaryFolder();
  await chmod(folder.path, 0o777);
  writeFileSync(`${folder.path}/secret`, baitMark);
  const command = `exec 9<${folder.path}/secret; exec "$@"`;
  const program = [
    process.execPath,
    "--conditions=source",
    "--import",
    "tsx",
    main,
    `${folder.path}/home`,
    ...possible,
  ];
  const run = spawnSync("/bin/sh", ["-c", command, "sh", ...program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { PATH: process.env.PATH, HOME: folder.path, SECRET: baitMark },
    encoding: "utf8",
    ...user,
  });
  const last = run.stdout.trim().split("\n").at(-1) ?? "";
  if (run.status !== 0 || last === "") throw new Error(`the attempts did not run: ${run.stderr}`);
  return JSON.parse(last) as EscapeReport[];
}

function expectStopped(reports: readonly EscapeReport[]): void {
  console.log(reports.map(formatEscapes).join("\n"));
  for (const { missing } of kinds) if (missing !== null) console.log(`not tried here: ${missing}`);
  for (const { kind, rows } of reports) {
    const open = rows.filter(({ stopped }) => !stopped).map(({ attempt }) => attempt);
    const allowed = kind === "landlock" ? weakerWithoutNamespaces : new Set();
    expect(rows.map(({ attempt }) => attempt)).toEqual([...accessAttempts, ...exhaustionAttempts]);
    expect([kind, open.filter((attempt) => !allowed.has(attempt))]).toEqual([kind, []]);
  }
}

describe("escapes from the sandbox", () => {
  it("are stopped by every kind of walls that this machine can build", { timeout: 180_000 }, async () => {
    expect(possible.length).toBeGreaterThan(0);
    expectStopped(await escapeReports(null));
  });

  it.runIf(process.getuid?.() === 0)(
    "are stopped for an ordinary user too",
    { timeout: 180_000 },
    async () => {
      expectStopped(await escapeReports({ uid: 60_901, gid: 60_901 }));
    },
  );

  it("succeed without walls, so that the attempts prove something", async () => {
    await using home = await temporaryFolder();
    const abilities = await detectAbilities({ signal });
    // Only what harms nothing: reading bait, writing into a folder made for it, connecting to a server made for it.
    const harmless = accessAttempts.slice(1, 9).concat("see other processes", "signal another process");
    const report = await tryEscapes({
      open: (options) =>
        openSandboxOfKind({
          ...options,
          kind: "none",
          abilities,
          home: home.path,
          readOnlyPaths: [],
          signal,
        }),
      signal,
      attempts: harmless,
    });
    expect(report.rows.filter(({ stopped }) => stopped)).toEqual([]);
  });
});
