import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { CgroupLayout } from "./cgroup-layout.ts";
import type { Limits } from "./limits.ts";
import { type OwnerMark, ownerMark, readOwner } from "./process-identity.ts";

/** A control group around one command and everything that it starts. */
export interface Cgroup {
  /** Files into which a process writes 0 to enter. */
  readonly joinFiles: readonly string[];
  /** How often the kernel killed a process in here for want of memory. */
  memoryKills(): Promise<number>;
  /** Kills every process in here. */
  kill(): Promise<void>;
  /** Removes the group; its processes must be gone. */
  remove(): Promise<void>;
}

const prefix = "ml-intern-";
let counter = 0;

type Settings = readonly (readonly [file: string, value: string])[];

function settings(layout: CgroupLayout, controller: "memory" | "pids" | "cpu", limits: Limits): Settings {
  const period = 100_000;
  const quota = String(Math.max(1000, Math.round(limits.cpus * period)));
  const memory = String(limits.memoryBytes);
  const values = {
    v1: {
      memory: [
        ["memory.limit_in_bytes", memory],
        ["memory.memsw.limit_in_bytes", memory],
      ],
      pids: [["pids.max", String(limits.processes)]],
      cpu: [
        ["cpu.cfs_period_us", String(period)],
        ["cpu.cfs_quota_us", quota],
      ],
    },
    v2: {
      memory: [
        ["memory.max", memory],
        ["memory.swap.max", "0"],
        ["memory.oom.group", "1"],
      ],
      pids: [["pids.max", String(limits.processes)]],
      cpu: [["cpu.max", `${quota} ${period}`]],
    },
  } as const satisfies Record<CgroupLayout["version"], Record<typeof controller, Settings>>;
  return values[layout.version][controller];
}

/** Files that some kernels lack: swap accounting is an option, group kill came in 4.19. */
const optionalFiles = new Set(["memory.memsw.limit_in_bytes", "memory.swap.max", "memory.oom.group"]);

/** Makes a group with these limits. The caller kills and removes it. */
export async function createCgroup({
  layout,
  limits,
}: {
  readonly layout: CgroupLayout;
  readonly limits: Limits;
}): Promise<Cgroup> {
  const name = `${prefix}${await ownerMark()}-${counter++}`;
  const folders = new Map<string, string>();
  for (const [controller, parent] of Object.entries(layout.controllers)) {
    const folder = join(parent, name);
    folders.set(controller, folder);
    await mkdir(folder, { recursive: true });
    for (const [file, value] of settings(layout, controller as keyof typeof layout.controllers, limits)) {
      await writeFile(join(folder, file), value).catch((error: unknown) => {
        if (!optionalFiles.has(file)) throw error;
      });
    }
  }
  const unique = [...new Set(folders.values())];
  const memory = folders.get("memory");
  const countFile = layout.version === "v1" ? "memory.oom_control" : "memory.events";
  return {
    joinFiles: unique.map((folder) => join(folder, "cgroup.procs")),
    async memoryKills() {
      const text =
        memory === undefined ? "" : await readFile(join(memory, countFile), "utf8").catch(() => "");
      return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
    },
    async kill() {
      await Promise.all(unique.map(killMembers));
    },
    async remove() {
      await Promise.all(unique.map(removeFolder));
    },
  };
}

async function members(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, "cgroup.procs"), "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).map(Number);
}

async function killMembers(folder: string): Promise<void> {
  const atOnce = await writeFile(join(folder, "cgroup.kill"), "1", { flag: "r+" }).then(
    () => true,
    () => false, // version 1 has no such file
  );
  if (atOnce) return;
  for (let round = 0; round < 200; round++) {
    const left = (await members(folder)).filter((pid) => pid > 0);
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // gone between listing and killing
      }
    }
    await delay(5);
  }
}

/** The kernel needs a moment to let go of the last process, and tells nobody when it has. */
async function removeFolder(folder: string): Promise<void> {
  for (let round = 0; round < 200; round++) {
    try {
      return await rmdir(folder);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "ENOENT") return;
      if (code !== "EBUSY") throw error;
    }
    await delay(5);
  }
}

/** Kills and removes the groups that processes left behind which died without cleaning up. */
export async function sweepCgroups(layout: CgroupLayout): Promise<number> {
  let swept = 0;
  for (const parent of new Set(Object.values(layout.controllers))) {
    const names = await readdir(parent).catch(() => []);
    for (const name of names.filter((entry) => entry.startsWith(prefix))) {
      const owner: OwnerMark = await readOwner(name.slice(prefix.length));
      if (owner !== "dead") continue;
      await killMembers(join(parent, name));
      await removeFolder(join(parent, name)).catch(() => {});
      swept++;
    }
  }
  return swept;
}
