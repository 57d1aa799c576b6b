import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Environment, provisionEnvironment } from "../environments/provision-environment.ts";
import { listRuns } from "../runs/read-runs.ts";
import { reserveRun } from "../runs/reserve-run.ts";
import type { RunRecord } from "../runs/run-record.ts";
import { readOwner } from "../sandbox/process-identity.ts";
import { type TemporaryFolder, temporaryFolder } from "../testing/temporary-folder.ts";
import { testHome } from "../testing/test-home.ts";
import { ensureDaemon } from "./ensure-daemon.ts";
import { serveJobs } from "./job-daemon.ts";
import { type JobRequest, openJobsDirectory } from "./job-request.ts";
import { readLease } from "./lease.ts";
import { readJob } from "./read-job.ts";
import { readLog, readProgress } from "./read-progress.ts";
import { stopJob } from "./stop-job.ts";
import { submitJob } from "./submit-job.ts";

const signal = new AbortController().signal;
let folder: TemporaryFolder;
let home: string;
let environment: Environment;

beforeAll(async () => {
  process.env.ML_INTERN_JOBS = "2"; // passed on to the daemons
  environment = await provisionEnvironment({ name: "base", home: testHome });
}, 300_000);

beforeEach(async () => {
  folder = await temporaryFolder();
  home = `${folder.path}/home`;
  await mkdir(home);
});

/** The daemon of a test ends when its home goes; it is told to, so that nothing runs on into the next test. */
afterEach(async () => {
  const lease = await readLease(home);
  if (lease !== null) {
    process.kill(lease.pid, "SIGTERM");
    await until(async () => (await readOwner(lease.owner)) === "dead");
  }
  await folder[Symbol.asyncDispose]();
});

async function until<Value>(look: () => Promise<Value | null | false>): Promise<Value> {
  for (;;) {
    const value = await look();
    if (value !== null && value !== false) return value;
    await delay(30);
  }
}

/** A workspace with one script, and a request to run it. */
async function requestFor(code: string, session = "one", wallMs = 60_000): Promise<JobRequest> {
  const workspace = `${folder.path}/${session}/workspace`;
  const labDirectory = `${folder.path}/${session}/lab`;
  await mkdir(workspace, { recursive: true });
  await chmod(`${folder.path}/${session}`, 0o755);
  await writeFile(`${workspace}/train.py`, code);
  const sandbox = { hostWorkspace: workspace, workspace: "/workspace" };
  const { id, script } = await reserveRun({ labDirectory, sandbox, script: "train.py", signal });
  const { id: name, python, readOnlyPaths } = environment;
  return {
    ...{ labDirectory, workspace, mode: "auto", wallMs, submittedMs: Date.now() },
    environment: { id: name, python, readOnlyPaths },
    run: { id, name: "test", script, args: [], seed: 3, refit: false },
  };
}

const placeOf = ({ labDirectory, workspace, run }: JobRequest) => ({
  ...{ home, labDirectory, workspace, id: run.id },
});
const submit = (request: JobRequest) => submitJob({ home, request, signal });
const ended = (request: JobRequest): Promise<RunRecord> =>
  until(async () => {
    const job = await readJob(placeOf(request));
    return job?.state === "ended" && job.record;
  });
const running = (request: JobRequest): Promise<boolean> =>
  until(async () => (await readLog(placeOf(request), 0, 100)).text.startsWith("up"));

const endless = "import time\nprint('up')\nwhile True: time.sleep(0.05)\n";
const untilTold = `
import os, time
print("up")
while not os.path.exists("/workspace/go") and not os.path.exists("go"): time.sleep(0.02)
print("done")
`;

function submitElsewhere(request: JobRequest): ChildProcess {
  const main = fileURLToPath(new URL("../testing/submit-main.ts", import.meta.url));
  const loader = ["--conditions=source", "--import", import.meta.resolve("tsx")];
  return spawn(process.execPath, [...loader, main, home, JSON.stringify(request)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

const stopOf = (request: JobRequest) => stopJob({ ...placeOf(request), signal });

describe("a background run", () => {
  it("goes on when the process that asked for it is killed, and ends once", async () => {
    const request = await requestFor(untilTold);
    const asker = submitElsewhere(request);
    await running(request);
    asker.kill("SIGKILL");
    await once(asker, "close");
    expect(await submit(request)).toMatchObject({ state: "running" });
    await writeFile(`${request.workspace}/go`, "");
    expect(await ended(request)).toMatchObject({ ended: "exited", exit_code: 0, log_tail: "up\ndone\n" });
    expect(await submit(request)).toMatchObject({ state: "ended" });
    expect(await listRuns(request)).toHaveLength(1);
    await until(async () => (await readdir(openJobsDirectory(home))).length === 0);
  });

  it("is lost when the daemon is killed, with its log and files kept; what waited is run by the next daemon", async () => {
    const keeps = `
import os, time
open(os.environ["OUTPUT_DIR"] + "/part.txt", "w").write("half")
print("up")
while True: open("/workspace/alive", "a").write("x"); time.sleep(0.02)
`;
    const request = await requestFor(keeps);
    const other = await requestFor(endless, "two");
    for (const begun of [request, other]) await submit(begun);
    await Promise.all([request, other].map(running));
    const waits = await requestFor("print('next')", "three");
    expect(await submit(waits)).toMatchObject({ state: "queued" });
    const first = await readLease(home);
    process.kill(first!.pid, "SIGKILL");
    await until(async () => (await readOwner(first!.owner)) === "dead");
    await ensureDaemon(home, signal);
    const record = await ended(request);
    expect(record).toMatchObject({ ended: "lost", exit_code: null, log_tail: "up\n" });
    expect(record.artefacts.map(({ path }) => path)).toEqual(["part.txt"]);
    expect(await ended(other)).toMatchObject({ ended: "lost" });
    expect(await ended(waits)).toMatchObject({ ended: "exited", log_tail: "next\n" });
    const alive = async (): Promise<number> => (await readFile(`${request.workspace}/alive`)).length;
    const size = await alive();
    await delay(200); // ten times its rhythm: the sandbox died with the daemon
    expect(await alive()).toBe(size);
    expect((await readLease(home))?.pid).not.toBe(first!.pid);
  });

  it("is ended by its limit though nobody watches", async () => {
    const request = await requestFor(endless, "one", 1000);
    await submit(request);
    expect(await ended(request)).toMatchObject({ ended: "timeout", log_tail: "up\n" });
  });

  it("can print without end: the log is bounded and read in pieces, cut at whole characters", async () => {
    const request = await requestFor("print('ä' * 99)\nfor _ in range(900): print('ü' * 50_000)\n");
    await submit(request);
    const record = await ended(request);
    const end = await readLog(placeOf(request), null, 1000);
    expect(end.bytes).toBeLessThan(65 * 1024 ** 2);
    expect(end.text).toContain("more bytes of output were dropped");
    expect(record.log_tail.length).toBeLessThanOrEqual(4000);
    const first = await readLog(placeOf(request), 0, 101);
    const second = await readLog(placeOf(request), first.to, 101);
    expect(first.text + second.text).toBe(`${"ä".repeat(99)}\nü`);
  });

  it("is stopped on demand, in the queue as well, and runs of two sessions are under way at once", async () => {
    const requests = [await requestFor(endless, "one"), await requestFor(endless, "two")];
    for (const request of requests) await submit(request);
    await Promise.all(requests.map(running));
    const waits = await requestFor(endless, "three");
    expect(await submit(waits)).toMatchObject({ state: "queued" });
    expect(await stopOf(waits)).toMatchObject({ record: { ended: "cancelled", log_tail: /queue/ } });
    expect(await stopOf(requests[0]!)).toMatchObject({ record: { ended: "cancelled", log_tail: "up\n" } });
    expect(await readJob(placeOf(requests[1]!))).toMatchObject({ state: "running" });
  });

  it("runs the code as it was when it was asked for, with the workspace's data beside it", async () => {
    const code = `
import os, pathlib
print(pathlib.Path(__file__).parent.joinpath("data/train.csv").read_text(), os.getcwd(), end="")
`;
    const blockers = [await requestFor(untilTold, "one"), await requestFor(untilTold, "one")];
    for (const request of blockers) await submit(request);
    const request = await requestFor(code, "one");
    await submit(request);
    await mkdir(`${request.workspace}/data`);
    await writeFile(`${request.workspace}/data/train.csv`, "rows");
    await writeFile(`${request.workspace}/train.py`, "print('edited later')");
    await writeFile(`${request.workspace}/go`, "");
    expect(await ended(request)).toMatchObject({ exit_code: 0, log_tail: "rows /workspace" });
  });

  it("tells metrics and alerts while it runs, and reads them through no link", async () => {
    const request = await requestFor(`
import json, os, time
out = os.environ["OUTPUT_DIR"]
for step in range(3): print(json.dumps({"step": step, "loss": 1 / (step + 1), "bad": float("nan")}), file=open(out + "/metrics.jsonl", "a"))
print(json.dumps({"level": "error", "text": "loss is NaN"}) + "\\nno json\\n{\\"text\\": \\"unfin", end="", file=open(out + "/alerts.jsonl", "a"))
print("up")
while True: time.sleep(0.05)
`);
    await submit(request);
    await running(request);
    expect(await readProgress(placeOf(request))).toEqual({
      metrics: { step: 2, loss: 1 / 3 },
      alerts: [{ level: "error", text: "loss is NaN" }],
    });
    await symlink("/etc", `${request.workspace}/runs/run_99`);
    await writeFile(`${folder.path}/alerts.jsonl`, '{"text":"secret"}\n');
    await symlink(folder.path, `${request.workspace}/runs/run_98`);
    expect(await readProgress({ ...placeOf(request), id: "run_98" })).toEqual({ metrics: {}, alerts: [] });
  });

  it("that cannot begin says why", async () => {
    const request = await requestFor("print(1)");
    await submit({ ...request, environment: { ...request.environment, readOnlyPaths: ["/none/at/all"] } });
    expect(await ended(request)).toMatchObject({
      ended: "not_started",
      log_tail: expect.stringMatching(/none/),
    });
  });
});

it("processes that submit at once start one daemon, which ends when its home goes", async () => {
  const requests = await Promise.all(["a", "b", "c"].map((session) => requestFor("print('up')", session)));
  const askers = requests.map(submitElsewhere);
  const records = await Promise.all(requests.map(ended));
  for (const asker of askers) asker.kill("SIGKILL");
  expect(records.map((record) => record.log_tail)).toEqual(["up\n", "up\n", "up\n"]);
  const lease = await readLease(home);
  const lock = JSON.parse(await readFile(`${home}/jobs/daemon.lock`, "utf8")) as { pid: number };
  expect(lock.pid).toBe(lease!.pid);
  expect(await readFile(`${home}/jobs/daemon.log`, "utf8")).toBe("");
  await rename(home, `${home}-gone`);
  await until(async () => (await readOwner(lease!.owner)) === "dead");
});

it("a daemon without work ends and leaves the place to the next; a second one ends at once", async () => {
  const daemon = serveJobs({ home, parallel: 1, idleMs: 300, signal });
  const lease = await until(() => readLease(home));
  await serveJobs({ home, parallel: 1, signal });
  expect(await readLease(home)).toMatchObject({ owner: lease.owner });
  await daemon;
  expect(await readdir(`${home}/jobs`)).not.toContain("lease.json");
  await serveJobs({ home, parallel: 1, idleMs: 0, signal });
});
