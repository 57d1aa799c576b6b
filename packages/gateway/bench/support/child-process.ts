import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface BenchProcess extends AsyncDisposable {
  readonly pid: number;
  /** What the process said in its first line. */
  readonly hello: Readonly<Record<string, unknown>>;
  /** Processor time used so far, in ms, or null where the system does not say. */
  cpuMs(): number | null;
  /** Resident memory in bytes, or null where the system does not say. */
  rss(): number | null;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The core it may use, where the system can hold it to one. */
  readonly core?: number;
}

/** Whether processes can be held to one core here. */
export const canPin: boolean = process.platform === "linux" && existsInPath("taskset");

/** Holds this very process to one core. */
export function pinSelf(core: number): void {
  if (canPin) spawn("taskset", ["-apc", String(core), String(process.pid)], { stdio: "ignore" });
}

/**
 * Starts a file of the folder above as a process of its own; resolves when it has printed one line of JSON. TypeScript
 * runs from its source; `.mjs` takes the built packages, as their users do.
 */
export async function startScript(file: string, options: StartOptions = {}): Promise<BenchProcess> {
  const path = fileURLToPath(new URL(file, new URL("..", import.meta.url)));
  const loader = file.endsWith(".ts") ? ["--conditions=source", "--import", "tsx"] : [];
  return startNode([...loader, path, ...(options.args ?? [])], options);
}

async function startNode(args: readonly string[], { env = {}, core }: StartOptions): Promise<BenchProcess> {
  const child = spawnNode(args, { env, core });
  const [line] = (await Promise.race([
    once(child.stdout ?? child, "data"),
    once(child, "exit").then(() => Promise.reject(new Error(`${args.at(-1)} ended before it was ready`))),
  ])) as [Buffer];
  child.stdout?.resume();
  return owned(child, JSON.parse(line.toString()) as BenchProcess["hello"]);
}

export interface SpawnOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly core: number | undefined;
  readonly quiet?: boolean;
}

/** `node` with these arguments, held to a core if one is given. */
export function spawnNode(args: readonly string[], { env, core, quiet = false }: SpawnOptions): ChildProcess {
  const pinned = canPin && core !== undefined;
  const [command, all] = pinned
    ? ["taskset", ["-c", String(core), process.execPath, ...args]]
    : [process.execPath, [...args]];
  return spawn(command, all, {
    env: { ...process.env, ...env },
    stdio: ["ignore", quiet ? "ignore" : "pipe", quiet ? "ignore" : "inherit"],
  });
}

/** A child process that ends with its owner. */
export function owned(child: ChildProcess, hello: BenchProcess["hello"]): BenchProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error("The process did not start");
  return {
    pid,
    hello,
    cpuMs: () => readCpuMs(pid),
    rss: () => readRss(pid),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

function readCpuMs(pid: number): number | null {
  const stat = readProc(pid, "stat");
  if (stat === null) return null;
  // The name in the second field may hold spaces; what follows its closing bracket does not.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

function readRss(pid: number): number | null {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readProc(pid, "status") ?? "")?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    // Not Linux, or the process has ended.
    return null;
  }
}

function existsInPath(name: string): boolean {
  return (process.env.PATH ?? "").split(":").some((folder) => {
    try {
      readFileSync(`${folder}/${name}`);
      return true;
    } catch {
      return false;
    }
  });
}
