import { readFileSync } from "node:fs";
import type { Abilities } from "./abilities.ts";
import { bubblewrapArguments } from "./bubblewrap-arguments.ts";
import { countOwnThreads } from "./count-own-threads.ts";
import type { Limits } from "./limits.ts";
import { deviceFiles, type Mount, ownEtcFiles, systemFiles, systemFolders } from "./mount-plan.ts";
import type { SandboxKind } from "./sandbox.ts";
import { assembleSeccompFilter } from "./seccomp-filter.ts";
import { unshareArguments } from "./unshare-arguments.ts";

const launcherSource = readFileSync(new URL("../../python/launcher.py", import.meta.url), "utf8");

interface LandlockRule {
  readonly path: string;
  readonly access: "read" | "write" | "device";
}

/** What does not change from one command to the next in a sandbox. */
export interface LaunchSettings {
  readonly kind: SandboxKind;
  readonly abilities: Abilities;
  readonly mounts: readonly Mount[];
  readonly readOnlyPaths: readonly string[];
  /** As the sandbox sees it. */
  readonly workspace: string;
  readonly temporary: string;
}

export interface LaunchCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limits: Limits;
  readonly channel: boolean;
}

/** Numbers of <asm-generic/resource.h>, the same on both processors. */
const resources = { fileSize: 1, core: 4, processes: 6, openFiles: 7, addressSpace: 9 } as const;

function resourceLimits(settings: LaunchSettings, limits: Limits): readonly (readonly [number, number])[] {
  const groups = settings.abilities.cgroups?.controllers ?? {};
  return [
    [resources.core, 0],
    [resources.openFiles, 4096],
    [resources.fileSize, limits.fileBytes],
    ...(groups.pids === undefined ? ([[resources.processes, processLimit(settings, limits)]] as const) : []),
    ...(groups.memory === undefined ? ([[resources.addressSpace, limits.memoryBytes]] as const) : []),
  ];
}

/** Where the sandbox has no user of its own, what the person runs beside it counts too and must not use the limit up. */
function processLimit({ kind, abilities }: LaunchSettings, limits: Limits): number {
  const shared = (kind === "landlock" || kind === "none") && !abilities.asRoot;
  return limits.processes + (shared ? countOwnThreads() : 0);
}

function landlockRules({
  kind,
  workspace,
  readOnlyPaths,
  temporary,
  abilities,
}: LaunchSettings): LandlockRule[] {
  const read = (path: string): LandlockRule => ({ path, access: "read" });
  const write = (path: string): LandlockRule => ({ path, access: "write" });
  const devices = deviceFiles.map((path): LandlockRule => ({ path, access: "device" }));
  if (kind !== "landlock") return [read("/"), ...[workspace, temporary, "/dev/shm"].map(write), ...devices];
  const etc = ownEtcFiles.map((name) => `/etc/${name}`);
  const readable = [...systemFolders, ...systemFiles, ...etc, "/proc", ...readOnlyPaths];
  return [
    ...readable.map(read),
    ...(abilities.python?.prefixes ?? []).map(read),
    write(workspace),
    ...devices,
  ];
}

/** Version 1 forbids every rename between folders, which breaks too much to be worth it beside mounts. */
function usesLandlock({ kind, abilities }: LaunchSettings): boolean {
  if (kind === "none") return false;
  return (abilities.python?.landlock ?? 0) >= (kind === "landlock" ? 1 : 2);
}

const supervision = { bubblewrap: null, unshare: "inside", landlock: "outside", none: "outside" } as const;

/** The line that the launcher reads: see python/launcher.py for what each field does. */
export function launchPlan(settings: LaunchSettings, command: LaunchCommand): string {
  const { kind, abilities } = settings;
  const walled = kind !== "none";
  const filter =
    walled && abilities.processor !== null
      ? assembleSeccompFilter({ processor: abilities.processor, sockets: kind !== "landlock" })
      : null;
  return `${JSON.stringify({
    mounts: kind === "unshare" ? settings.mounts : null,
    user: walled && abilities.asRoot ? abilities.user : null,
    unprivileged: walled,
    landlock: usesLandlock(settings) ? { rules: landlockRules(settings), scoped: kind === "landlock" } : null,
    seccomp: filter === null ? null : Buffer.from(filter).toString("base64"),
    rlimits: resourceLimits(settings, command.limits),
    supervise: supervision[kind],
    cwd_first: kind === "landlock",
    cwd: command.cwd,
    env: command.env,
    argv: command.argv,
    channel: command.channel,
  })}\n`;
}

/** Enters the control groups and becomes the rest of the line; both outputs go one way, so that their order is kept. */
const enterGroups =
  'exec 2>&1; while [ "$1" != -- ]; do echo 0 > "$1" || exit 125; shift; done; shift; exec "$@"';

/** The program that the host starts for a command. */
export function launchArguments(settings: LaunchSettings, joinFiles: readonly string[]): readonly string[] {
  const { kind, abilities, mounts } = settings;
  const { asRoot } = abilities;
  const front = {
    bubblewrap: () => [abilities.bubblewrap ?? "bwrap", ...bubblewrapArguments({ mounts, asRoot })],
    unshare: () => [abilities.unshare ?? "unshare", ...unshareArguments({ asRoot })],
    landlock: () => [],
    none: () => [],
  } as const satisfies Record<SandboxKind, () => string[]>;
  const python = abilities.python?.executable ?? "python3";
  const launcher = [python, "-I", "-S", "-c", launcherSource];
  return ["/bin/sh", "-c", enterGroups, "sh", ...joinFiles, "--", ...front[kind](), ...launcher];
}
