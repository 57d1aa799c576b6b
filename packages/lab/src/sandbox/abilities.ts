import { readFile } from "node:fs/promises";
import { findProgram, inspectPython, type PythonFacts } from "../environments/inspect-python.ts";
import { type CgroupLayout, findCgroupLayout } from "./cgroup-layout.ts";
import type { SandboxUser } from "./etc-files.ts";
import type { Processor } from "./seccomp-syscalls.ts";

/** What this machine offers to build a sandbox with. Whether it really works shows when one is opened. */
export interface Abilities {
  readonly bubblewrap: string | null;
  readonly unshare: string | null;
  /** The interpreter that runs the launcher. */
  readonly python: PythonFacts | null;
  readonly cgroups: CgroupLayout | null;
  /** Null where no filter is written for the processor. */
  readonly processor: Processor | null;
  /** True when we are root and can become another user. */
  readonly asRoot: boolean;
  /** The user inside the sandbox. */
  readonly user: SandboxUser;
}

/** A user that no system hands out: between the ranges that systemd keeps for homes and for dynamic users. */
const unusedUser = 60_900;

/** Root of a container may own a single user: then there is nobody else to become. */
async function canBecome(uid: number): Promise<boolean> {
  const map = await readFile("/proc/self/uid_map", "utf8").catch(() => "");
  return map.split("\n").some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return uid >= first && uid < first + count;
  });
}

async function launcherPython(signal: AbortSignal): Promise<PythonFacts | null> {
  const candidates = ["/usr/bin/python3", process.env.ML_INTERN_PYTHON, await findProgram("python3")];
  for (const candidate of candidates) {
    const facts =
      candidate === undefined || candidate === null ? null : await inspectPython(candidate, signal);
    if (facts !== null && facts.version[0] === 3 && facts.version[1] >= 6) return facts;
  }
  return null;
}

export async function detectAbilities({ signal }: { readonly signal: AbortSignal }): Promise<Abilities> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const asRoot = uid === 0 && (await canBecome(unusedUser));
  const [bubblewrap, unshare, python, cgroups] = await Promise.all([
    findProgram("bwrap"),
    findProgram("unshare"),
    launcherPython(signal),
    findCgroupLayout(),
  ]);
  return {
    bubblewrap,
    unshare,
    python,
    cgroups,
    processor: process.arch === "x64" || process.arch === "arm64" ? process.arch : null,
    asRoot,
    user: asRoot ? { uid: unusedUser, gid: unusedUser } : { uid, gid },
  };
}
