import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { testHome } from "../testing/test-home.ts";
import { findPython } from "./find-python.ts";
import { holdLock } from "./hold-lock.ts";
import { installError } from "./pip.ts";
import { environmentNameOf, provisionEnvironment } from "./provision-environment.ts";
import { installProgress } from "./provision-progress.ts";

const signal = new AbortController().signal;

afterEach(() => vi.unstubAllEnvs());

describe("provisioning an environment", () => {
  it("returns the same locked environment again", { timeout: 300_000 }, async () => {
    const first = await provisionEnvironment({ name: "base", home: testHome });
    const phases: string[] = [];
    const again = await provisionEnvironment({
      name: "base",
      home: testHome,
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(again).toEqual(first);
    expect(environmentNameOf(first.id)).toBe("base");
    expect(environmentNameOf(first.id.replace("base", "torch"))).toBe("torch");
    expect(phases).toEqual([]);
    expect(first.packages.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["numpy", "onnxruntime", "scikit-learn", "skl2onnx", "skops", "safetensors"]),
    );
  });

  it("names an unreachable registry as such, keeps pip's words, and leaves nothing half done", async () => {
    await using folder = await temporaryFolder();
    vi.stubEnv("PIP_CONFIG_FILE", "/dev/null");
    vi.stubEnv("PIP_FIND_LINKS", "");
    vi.stubEnv("PIP_INDEX_URL", "http://127.0.0.1:9/simple");
    vi.stubEnv("PIP_RETRIES", "0");
    const failing = provisionEnvironment({ name: "base", home: folder.path });
    await expect(failing).rejects.toMatchObject({
      code: "environment/registry_unreachable",
      message: expect.stringContaining("cloudpickle"),
      mend: expect.stringContaining("pip config"),
    });
    expect(await readdir(`${folder.path}/environments`)).toEqual([]);
  });

  it("stops when it is cancelled, and leaves nothing half done", async () => {
    await using folder = await temporaryFolder();
    const controller = new AbortController();
    const cancelled = provisionEnvironment({
      name: "base",
      home: folder.path,
      signal: controller.signal,
      onProgress: ({ phase }) => phase === "download" && controller.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ name: "AbortError" });
    expect(await readdir(`${folder.path}/environments`)).toEqual([]);
  });
});

describe("finding Python", () => {
  it("refuses one that is missing or too old, with a mend", async () => {
    const missing = findPython({ env: { ML_INTERN_PYTHON: "/no/python3" }, signal });
    await expect(missing).rejects.toMatchObject({
      code: "environment/no_python",
      mend: expect.stringContaining("3.10"),
    });
    await using folder = await temporaryFolder();
    const old = `${folder.path}/python3`;
    await writeFile(old, "#!/bin/sh\nprintf '%s\\n' /old/python3 3 8 1 7 /old /old\n");
    await chmod(old, 0o755);
    await expect(findPython({ env: { ML_INTERN_PYTHON: old }, signal })).rejects.toThrow("Python 3.8.1");
  });

  it("falls back to the system's when none is on the PATH", async () => {
    await using folder = await temporaryFolder();
    const found = await findPython({ env: { PATH: folder.path }, signal });
    expect(found.version[0]).toBe(3);
  });
});

describe("pip's failures", () => {
  it.each([
    ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk/full"],
    [
      "WARNING: Retrying after connection broken by 'NewConnectionError(...)'",
      "environment/registry_unreachable",
    ],
    ["ERROR: No matching distribution found for numpy==99", "environment/install_failed"],
  ])("are told apart: %s", (output, code) => {
    expect(installError(output)).toMatchObject({ code, message: expect.stringContaining(output) });
  });
});

it("counts each package once, from an index or from a folder", () => {
  const seen: string[] = [];
  const progress = installProgress(2, ({ message, packages_done }) =>
    seen.push(`${message} ${packages_done}`),
  );
  progress.line("Collecting scikit-learn==1.7.2 (from -r base.txt)");
  progress.line("Processing /wheels/scikit_learn-1.7.2-cp311-cp311-manylinux.whl (from scikit-learn)");
  progress.line("  Downloading something");
  progress.line("Collecting numpy==2.2.6");
  expect(seen).toEqual(["scikit-learn 1", "scikit-learn 1", "numpy 2"]);
});

it("takes over a lock of a dead process and waits for a living one", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/locks/x.lock`;
  await mkdir(`${folder.path}/locks`);
  {
    await using _lock = await holdLock(path, signal);
    const waiting = holdLock(path, AbortSignal.timeout(300));
    await expect(waiting).rejects.toMatchObject({ name: expect.stringMatching(/Abort|Timeout/) });
    const [mark] = await readdir(`${folder.path}/locks`);
    expect(mark).toBe("x.lock");
  }
  await writeFile(path, JSON.stringify({ pid: 4_194_304, started: "1", token: "dead" }));
  await using _taken = await holdLock(path, signal);
});
