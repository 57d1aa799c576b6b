import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, it } from "vitest";
import { createHub } from "./create-hub.ts";
import { serveHub } from "./serve-hub.ts";

const run = promisify(execFile);
const version = "1.33.0";
const script = fileURLToPath(new URL("../test/client_check.py", import.meta.url));
const checks = [...readFileSync(script, "utf8").matchAll(/^@check\ndef (\w+)/gm)].map(
  (match) => match[1] ?? "",
);

/** A virtual environment with the client, made once and kept; answers its python, or why there is none. */
async function provision(): Promise<{ python: string } | { missing: string }> {
  const home = process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern");
  const folder = join(home, "environments", "test-huggingface-hub");
  const python = join(folder, "bin", "python");
  const ready = join(folder, `ready-${version}`);
  if (existsSync(ready)) return { python };
  const install = ["install", "--quiet", "--disable-pip-version-check", `huggingface_hub==${version}`];
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(join(home, "environments"), { recursive: true });
    try {
      await run("python3", ["-m", "venv", folder]);
      await run(python, ["-m", "pip", ...install]);
    } catch {
      // Some systems ship venv without pip, and pip beside it.
      await rm(folder, { recursive: true, force: true });
      await run("python3", ["-m", "venv", "--without-pip", folder]);
      await run("python3", ["-m", "pip", "--python", python, ...install]);
    }
    await writeFile(ready, "");
    return { python };
  } catch (error) {
    return { missing: String(error).split("\n").slice(0, 3).join(" ") };
  }
}

interface Outcome {
  readonly check: string;
  readonly ok: boolean;
  readonly error: string | null;
}

/** The official Python client, against a hub over a real socket. */
describe("huggingface_hub for Python", () => {
  let root: string;
  let missing: string | null = null;
  const outcomes = new Map<string, Outcome>();

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "hub-py-"));
    const environment = await provision();
    if ("missing" in environment) {
      missing = environment.missing;
      console.warn(`SKIPPED: the hub was not tried with Python's huggingface_hub ${version}: ${missing}`);
      return;
    }
    const app = createHub({
      root: join(root, "hub"),
      tokens: { hf_ada: { user: "ada", orgs: ["lab"] }, hf_bob: { user: "bob" } },
      multipart: { above: 1_000_000, partSize: 400_000 },
    });
    await using server = await serveHub({ app });
    const { stdout } = await run(environment.python, [script, root], {
      maxBuffer: 16 * 1024 * 1024,
      env: {
        PATH: process.env.PATH,
        HOME: root,
        HF_ENDPOINT: server.url,
        HF_TOKEN: "hf_ada",
        HF_HOME: join(root, "hf-home"),
        HF_HUB_DISABLE_XET: "1",
        HF_HUB_DISABLE_PROGRESS_BARS: "1",
        HF_HUB_DISABLE_TELEMETRY: "1",
        NO_PROXY: "*",
      },
    });
    for (const line of stdout.trim().split("\n")) {
      const outcome = JSON.parse(line) as Outcome;
      outcomes.set(outcome.check, outcome);
    }
  }, 300_000);

  afterAll(() => rm(root, { recursive: true, force: true }));

  it.for(checks)("%s", (check, { skip }) => {
    if (missing !== null) skip(missing);
    const outcome = outcomes.get(check);
    if (!outcome?.ok) throw new Error(outcome?.error ?? "the check did not run");
  });
});
