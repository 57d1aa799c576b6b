import { access, constants, mkdir, readFile, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ownerMark } from "./process-identity.ts";

type Controller = "memory" | "pids" | "cpu";

/** Where this process may make control groups: a parent folder for each controller that it may use. */
export interface CgroupLayout {
  readonly version: "v1" | "v2";
  readonly controllers: Readonly<Partial<Record<Controller, string>>>;
}

const controllers: readonly Controller[] = ["memory", "pids", "cpu"];

export interface FindCgroupLayoutOptions {
  /** /proc/self/cgroup */
  readonly membership: string;
  /** /proc/self/mountinfo */
  readonly mounts: string;
}

interface CgroupMount {
  readonly root: string;
  readonly point: string;
  readonly kind: string;
  readonly options: readonly string[];
}

function parseMounts(text: string): CgroupMount[] {
  return text.split("\n").flatMap((line) => {
    const [before, after] = line.split(" - ");
    const fields = before?.split(" ") ?? [];
    const [kind, , options] = after?.split(" ") ?? [];
    const [root, point] = [fields[3], fields[4]];
    if (!kind?.startsWith("cgroup") || root === undefined || point === undefined) return [];
    return [{ root, point, kind, options: options?.split(",") ?? [] }];
  });
}

/** This process's path for one hierarchy: "" names the second version's. */
function ownPath(membership: string, controller: string): string | null {
  for (const line of membership.split("\n")) {
    const [, names, ...path] = line.split(":");
    if (names?.split(",").includes(controller)) return path.join(":");
  }
  return null;
}

/** A group's folder under a mount that may show only a part of the hierarchy. */
function folderIn(mount: CgroupMount, path: string): string {
  const below = path.startsWith(mount.root) ? path.slice(mount.root.length) : "";
  return join(mount.point, mount.root === "/" ? path : below);
}

async function canMakeGroups(parent: string): Promise<boolean> {
  const probe = join(parent, `ml-intern-${await ownerMark()}-probe`);
  try {
    await mkdir(probe);
    await rmdir(probe);
    return true;
  } catch {
    return false;
  }
}

async function findVersion1(options: FindCgroupLayoutOptions): Promise<CgroupLayout | null> {
  const found: Partial<Record<Controller, string>> = {};
  const mounts = parseMounts(options.mounts).filter((mount) => mount.kind === "cgroup");
  for (const controller of controllers) {
    const mount = mounts.find((candidate) => candidate.options.includes(controller));
    const path = ownPath(options.membership, controller);
    if (mount === undefined || path === null) continue;
    const parent = folderIn(mount, path);
    if (await canMakeGroups(parent)) found[controller] = parent;
  }
  return Object.keys(found).length > 0 ? { version: "v1", controllers: found } : null;
}

async function words(path: string): Promise<string[]> {
  return (await readFile(path, "utf8").catch(() => "")).split(/\s+/).filter(Boolean);
}

/** Controllers that a child of this group has. Handing down more would change groups that are not ours. */
async function handedDown(folder: string): Promise<Controller[]> {
  const present = await words(join(folder, "cgroup.subtree_control"));
  return controllers.filter((controller) => present.includes(controller));
}

/** Moving a process needs the right to write the members of the group above both places. */
async function mayMoveProcesses(folder: string): Promise<boolean> {
  return access(join(folder, "cgroup.procs"), constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function findVersion2(options: FindCgroupLayoutOptions): Promise<CgroupLayout | null> {
  const mount = parseMounts(options.mounts).find((candidate) => candidate.kind === "cgroup2");
  const path = ownPath(options.membership, "");
  if (mount === undefined || path === null) return null;
  let folder = folderIn(mount, path);
  while (folder.startsWith(mount.point)) {
    const usable = await handedDown(folder);
    if (
      usable.includes("memory") &&
      usable.includes("pids") &&
      (await mayMoveProcesses(folder)) &&
      (await canMakeGroups(folder))
    ) {
      const parent = folder;
      return {
        version: "v2",
        controllers: Object.fromEntries(usable.map((controller) => [controller, parent])),
      };
    }
    folder = dirname(folder);
  }
  return null;
}

/** Finds where this process may make control groups, or null. Prefers the second version where it has memory and pids. */
export async function findCgroupLayout(given?: FindCgroupLayoutOptions): Promise<CgroupLayout | null> {
  const options = given ?? {
    membership: await readFile("/proc/self/cgroup", "utf8").catch(() => ""),
    mounts: await readFile("/proc/self/mountinfo", "utf8").catch(() => ""),
  };
  return (await findVersion2(options)) ?? (await findVersion1(options));
}
