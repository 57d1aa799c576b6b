import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Environment, provisionEnvironment } from "../environments/provision-environment.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { writeWorkspaceFile } from "../sandbox/workspace-files.ts";
import { type TemporaryFolder, temporaryFolder } from "../testing/temporary-folder.ts";
import { testHome } from "../testing/test-home.ts";
import { listRuns, readRun, runOutputDirectory } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";
import { type StartRunOptions, startRun } from "./start-run.ts";

const signal = new AbortController().signal;
let folder: TemporaryFolder;
let sandbox: Sandbox;
let environment: Environment;
let labDirectory: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  environment = await provisionEnvironment({ name: "base", home: testHome });
  labDirectory = `${folder.path}/lab`;
  const { readOnlyPaths } = environment;
  sandbox = await openSandbox({
    workspace: `${folder.path}/workspace`,
    readOnlyPaths,
    home: folder.path,
    mode: "auto",
  });
}, 300_000);

afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const write = (path: string, content: string) => writeWorkspaceFile({ sandbox, path, content });
const start = (options: Partial<StartRunOptions> & { script: string }): Promise<RunRecord> =>
  startRun({ labDirectory, sandbox, environment, name: "test", seed: 7, signal, ...options });

const training = `
import json, os, sys
import numpy as np
from helper import level
out = os.environ["OUTPUT_DIR"]
os.makedirs(out + "/model")
open(out + "/model/predict.py", "w").write("print(1)")
rng = np.random.default_rng(int(os.environ["SEED"]))
json.dump({"accuracy": 0.5, "noise": float(rng.random()), "bad": float("nan"), "text": "x"}, open(out + "/metrics.json", "w"))
print("args", sys.argv[1:], os.environ["DATA_DIR"], os.environ["REFIT"], level)
`;

describe("a run", () => {
  it("keeps code, log, artefacts and what the script claims", async () => {
    await write("train.py", training);
    await write("helper.py", "level = 3\n");
    await write("data/train.csv", "not code\n");
    const heard: string[] = [];
    const record = await start({
      script: "train.py",
      args: ["--deep"],
      refit: true,
      onOutput: (text) => heard.push(text),
    });
    expect(record).toMatchObject({
      id: "run_1",
      ended: "exited",
      exit_code: 0,
      has_model: true,
      seed: 7,
      refit: true,
    });
    expect(Object.keys(record.claimed).sort()).toEqual(["accuracy", "noise"]);
    expect(record.artefacts.map(({ path }) => path)).toEqual(["metrics.json", "model/predict.py"]);
    expect(record.log_tail).toBe(`args ['--deep'] ${sandbox.workspace}/data 1 3\n`);
    expect(heard.join("")).toBe(record.log_tail);
    expect(await readFile(record.log_path, "utf8")).toBe(record.log_tail);
    const kept = `${runOutputDirectory({ labDirectory, id: "run_1" })}/model/predict.py`;
    expect(await readFile(kept, "utf8")).toBe("print(1)");
    const code = JSON.parse(await readFile(`${labDirectory}/runs/run_1/code.json`, "utf8"));
    expect(Object.keys(code)).toEqual(["helper.py", "train.py"]);
    const stored = `${labDirectory}/objects/${code["helper.py"].slice(0, 2)}/${code["helper.py"]}`;
    expect(await readFile(stored, "utf8")).toBe("level = 3\n");
    expect(await readRun({ labDirectory, id: "run_1" })).toEqual(record);
  });

  it("has the same code hash for another seed, and another hash for other code or arguments", async () => {
    const one = await start({ script: "train.py", seed: 1 });
    const two = await start({
      script: "/workspace/train.py".replace("/workspace", sandbox.workspace),
      seed: 2,
    });
    expect(two.code_sha256).toBe(one.code_sha256);
    expect(two.claimed.noise).not.toBe(one.claimed.noise);
    const three = await start({ script: "train.py", seed: 1, args: ["--other"] });
    expect(three.code_sha256).not.toBe(one.code_sha256);
    await write("helper.py", "level = 4\n");
    expect((await start({ script: "train.py", seed: 1 })).code_sha256).not.toBe(one.code_sha256);
    expect((await listRuns({ labDirectory })).map(({ id }) => id)).toEqual([
      "run_1",
      "run_2",
      "run_3",
      "run_4",
      "run_5",
    ]);
  });

  it("keeps the log of a script that fails, runs too long or is cancelled", async () => {
    await write("fail.py", "print('before')\nraise ValueError('broken')\n");
    const failed = await start({ script: "fail.py" });
    expect(failed).toMatchObject({ ended: "exited", exit_code: 1, has_model: false, claimed: {} });
    expect(failed.log_tail).toMatch(/before\nTraceback[\s\S]*ValueError: broken/);
    await write("slow.py", "import time\nprint('up')\ntime.sleep(600)\n");
    expect(await start({ script: "slow.py", timeoutMs: 1000 })).toMatchObject({
      ended: "timeout",
      log_tail: "up\n",
    });
    const controller = new AbortController();
    const cancelled = await start({
      script: "slow.py",
      signal: controller.signal,
      onOutput: () => controller.abort(),
    });
    expect(cancelled).toMatchObject({
      ended: "cancelled",
      exit_code: null,
      log_tail: expect.stringMatching(/^up/),
    });
    expect(await readRun({ labDirectory, id: cancelled.id })).toEqual(cancelled);
  });

  it("collects nothing through links that a script leaves behind", async () => {
    await writeFile(`${folder.path}/secret`, "secret");
    const steal = `
import os, shutil
out = os.environ["OUTPUT_DIR"]
shutil.rmtree(out)
os.symlink("${folder.path}", out)
`;
    await write("steal.py", steal);
    const record = await start({ script: "steal.py" });
    expect(record).toMatchObject({ ended: "exited", exit_code: 0, artefacts: [] });
    expect(await readdir(runOutputDirectory({ labDirectory, id: record.id }))).toEqual([]);
  });

  it("refuses a script outside of the workspace, one that is missing, and an id that is taken", async () => {
    await mkdir(`${folder.path}/elsewhere`);
    await writeFile(`${folder.path}/elsewhere/x.py`, "");
    await symlink(`${folder.path}/elsewhere/x.py`, `${sandbox.hostWorkspace}/link.py`);
    for (const script of ["../elsewhere/x.py", "/etc/x.py", "none.py", "link.py", "train.sh", ""]) {
      await expect(start({ script }), script).rejects.toMatchObject({ code: "run/invalid" });
    }
    await expect(start({ script: "train.py", id: "run_1" })).rejects.toMatchObject({ code: "run/invalid" });
    await expect(start({ script: "train.py", id: "../x" })).rejects.toMatchObject({ code: "run/invalid" });
    await expect(readRun({ labDirectory, id: "run_99" })).rejects.toMatchObject({ code: "run/not_found" });
    await expect(readRun({ labDirectory, id: "../.." })).rejects.toMatchObject({ code: "run/not_found" });
  });
});
