import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { LabError } from "../lab-error.ts";
import { readLease } from "./lease.ts";

const startMs = 30_000;
const passedOn = ["PATH", "HOME", "LANG", "TMPDIR", "ML_INTERN_PYTHON", "ML_INTERN_JOBS"];

/**
 * Starts the daemon of a home unless it lives. It has no terminal, its own process group and none of the caller's secrets,
 * and outlives the caller. Two callers at once start one: the second process finds the first one's lock and ends.
 * Throws LabError "job/no_daemon".
 */
export async function ensureDaemon(home: string, signal: AbortSignal): Promise<void> {
  const log = join(home, "jobs", "daemon.log");
  const deadline = performance.now() + startMs;
  let child: ChildProcess | null = null;
  while ((await readLease(home)) === null) {
    if (performance.now() > deadline) {
      throw new LabError("job/no_daemon", "The process that owns background runs could not be started.", {
        mend: `${log} says why. Without \`background\`, start_run waits for the run itself.`,
      });
    }
    // One that found another at its end has ended too, and the lock is free by the next attempt.
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      child = await start(home, log);
    await delay(50, undefined, { signal });
  }
}

async function start(home: string, log: string): Promise<ChildProcess> {
  await mkdir(join(home, "jobs"), { recursive: true, mode: 0o711 });
  await using output = await open(log, "a", 0o600);
  // A log that grew over the years begins anew; nothing in it is needed but the last trouble.
  if ((await output.stat()).size > 1024 ** 2) await output.truncate(0);
  const child = spawn(process.execPath, daemonArguments(home), {
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
    cwd: "/",
    env: Object.fromEntries(passedOn.map((name) => [name, process.env[name]])),
  });
  child.on("error", () => {}); // seen by the caller, as a daemon that never gives a sign
  child.unref();
  return child;
}

/** The same in a checkout, where Node reads TypeScript through a loader, and when installed. */
function daemonArguments(home: string): readonly string[] {
  const isSource = import.meta.url.endsWith(".ts");
  const main = fileURLToPath(new URL(`./daemon-main.${isSource ? "ts" : "js"}`, import.meta.url));
  const loader = isSource ? ["--conditions=source", "--import", import.meta.resolve("tsx")] : [];
  return [...loader, main, home];
}
