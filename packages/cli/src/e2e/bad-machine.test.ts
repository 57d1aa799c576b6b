import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../exit-code.ts";
import { CLI, runCli, startCli, testHome, untilOutput } from "./run-cli.ts";

const FINE = `a,b,y\n${Array.from({ length: 60 }, (_, i) => `${(i * 13) % 17},${(i * 7) % 11},${i % 2 === 0 ? "u" : "v"}\n`).join("")}`;
const task = (data: string): string[] => ["Predict y", "--data", data, "--model", "recipes/default"];

/** Stops a fresh task once it has a contract, and says where it lies. */
async function stoppedSession(home: string): Promise<{ id: string; directory: string }> {
  const data = join(home, "fine.csv");
  await writeFile(data, FINE);
  const running = startCli([...task(data), "--json"], { home });
  const seen = await untilOutput(running, /"kind":"contract"/);
  running.child.kill("SIGKILL");
  await running.finished;
  const id = /"id":"(\d{8}-[\w-]+)"/.exec(seen)?.[1] ?? "";
  return { id, directory: join(home, "sessions", id) };
}

test("a damaged session goes on from its last whole event, says so, and keeps what was damaged", async () => {
  await using home = await testHome();
  const { id, directory } = await stoppedSession(home.path);
  const path = join(directory, "events.jsonl");
  const lines = (await readFile(path, "utf8")).split("\n");
  const damaged = ["{ not json", ...lines.slice(-4)];
  await writeFile(path, [...lines.slice(0, -5), ...damaged].join("\n"));
  const line = lines.length - 4;
  expect((await runCli(["sessions"], { home: home.path })).stdout).toMatch(
    new RegExp(`damaged at line ${line}`),
  );
  const resumed = startCli(["resume", id], { home: home.path });
  const seen = await untilOutput(resumed, /damaged at line \d+.*\.jsonl\./s);
  resumed.child.kill("SIGKILL");
  await resumed.finished;
  expect(seen).toContain(`line ${line}`);
  const aside = join(directory, "events.damaged-1.jsonl");
  expect(seen.replaceAll(/\s+/g, "")).toContain(aside);
  expect(await readFile(aside, "utf8")).toBe(damaged.join("\n"));
  expect((await runCli(["sessions"], { home: home.path })).stdout).not.toContain("damaged");
});

test("a session whose log is empty, or does not say what it is, is listed and refused with the file's name", async () => {
  await using home = await testHome();
  for (const [id, log] of [
    ["20260101-000000-aaaaaa", ""],
    ["20260101-000000-bbbbbb", "{ not json\n"],
  ] as const) {
    const directory = join(home.path, "sessions", id);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "events.jsonl"), log);
    const resumed = await runCli(["resume", id], { home: home.path });
    expect(resumed).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining(directory) });
    expect(await readFile(join(directory, "events.jsonl"), "utf8")).toBe(log);
  }
  expect((await runCli(["sessions"], { home: home.path })).stdout.match(/damaged/g)?.length).toBeGreaterThan(
    1,
  );
});

test("a damaged ledger stops the work before anything is added to it, and verify says where", async () => {
  await using home = await testHome();
  const { id, directory } = await stoppedSession(home.path);
  const path = join(directory, "lab/ledger.jsonl");
  const changed = (await readFile(path, "utf8")).replace(/"rows":60/, '"rows":61');
  await writeFile(path, changed);
  expect(await runCli(["ledger", "verify", id], { home: home.path })).toMatchObject({
    code: EXIT.failed,
    stdout: expect.stringMatching(/line \d+/),
  });
  const resumed = await runCli(["resume", id], { home: home.path });
  expect(resumed.code).toBe(EXIT.failed);
  expect(resumed.stdout + resumed.stderr).toMatch(/ledger.*damaged|damaged.*ledger/is);
  expect(await readFile(path, "utf8")).toBe(changed);
});

test("an unreachable package registry is told apart from a bad package, with its mend", async () => {
  const home = await mkdtemp(join(tmpdir(), "no-registry-"));
  const result = await runCli(["setup"], {
    home,
    env: {
      PIP_INDEX_URL: "http://127.0.0.1:9/simple",
      PIP_EXTRA_INDEX_URL: "",
      PIP_FIND_LINKS: "",
      PIP_CONFIG_FILE: "/dev/null",
      PIP_RETRIES: "0",
    },
  });
  expect(result.code).toBe(EXIT.environment);
  expect(result.stderr).toMatch(/registry cannot be reached/);
  expect(result.stderr).toMatch(/pip config|PIP_INDEX_URL/);
});

/** A data home on a disk of a few megabytes (its root has no second user to hand a sandbox to, hence --sandbox none below): a tmpfs that only the command sees. */
function onSmallDisk(command: readonly string[], { megabytes, home }: { megabytes: number; home: string }) {
  const script =
    'mount -t tmpfs -o size="$1" tmpfs "$2" && ln -s "$3" "$2/environments" && shift 3 && exec "$@"';
  const shared = join(home, "environments");
  const disk = join(home, "disk");
  return spawnSync(
    "unshare",
    [
      "--user",
      "--map-root-user",
      "--mount",
      "sh",
      "-c",
      script,
      "sh",
      `${megabytes}m`,
      disk,
      shared,
      ...command,
    ],
    {
      encoding: "utf8",
      env: { ...process.env, ML_INTERN_HOME: disk },
    },
  );
}

test("a full disk is named, and what was kept before is kept", async (context) => {
  await using home = await testHome();
  await mkdir(join(home.path, "disk"));
  const probe = onSmallDisk(["true"], { megabytes: 1, home: home.path });
  if (probe.status !== 0) {
    console.warn(`SKIPPED: no small disk can be made here: ${probe.stderr}`);
    return context.skip("no user namespaces");
  }
  const data = join(home.path, "fine.csv");
  await writeFile(data, FINE);
  const cli = [...CLI, ...task(data), "--sandbox", "none"];
  const result = onSmallDisk(cli, { megabytes: 1, home: home.path });
  expect(result.stdout + result.stderr).toMatch(/disk is full/i);
  expect(result.status).toBe(EXIT.environment);
});

test("a second Ctrl-C quits at once", async () => {
  await using home = await testHome();
  const data = join(home.path, "fine.csv");
  await writeFile(data, FINE);
  const running = startCli([...task(data), "--json"], { home: home.path });
  await untilOutput(running, /"type":"tool_output"/);
  running.child.kill("SIGINT");
  running.child.kill("SIGINT");
  const { code } = await running.finished;
  expect([EXIT.quit, EXIT.stopped]).toContain(code);
  expect((await runCli(["sessions"], { home: home.path })).stdout).toMatch(/unfinished|stopped/);
});
