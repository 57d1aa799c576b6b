import { lstat, mkdir, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { LabError } from "../lab-error.ts";
import { type Abilities, detectAbilities } from "./abilities.ts";
import { adoptFile, adoptFolder } from "./adopt-files.ts";
import { sweepCgroups } from "./cgroup.ts";
import { writeEtcFiles } from "./etc-files.ts";
import { guaranteesOf } from "./guarantees.ts";
import type { LaunchSettings } from "./launch-plan.ts";
import { type Limits, mergeLimits } from "./limits.ts";
import { buildMountPlan, workspaceMount } from "./mount-plan.ts";
import type { ExecOptions, Sandbox, SandboxKind, SandboxMode, SandboxProcess } from "./sandbox.ts";
import { startProcess } from "./start-process.ts";

export interface OpenSandboxOptions {
  /** The only folder of the host that the sandbox can write; made when missing. */
  readonly workspace: string;
  /** Folders and files that the sandbox can read, at the same path. */
  readonly readOnlyPaths: readonly string[];
  readonly home: string;
  /** "auto" takes the strongest that works here; "none" has no walls and is for a person who asked for it in words. */
  readonly mode: SandboxMode;
  /** Defaults for every command. */
  readonly limits?: Partial<Limits>;
  readonly signal?: AbortSignal;
}

const kindsOf: Readonly<Record<SandboxMode, readonly SandboxKind[]>> = {
  auto: ["bubblewrap", "unshare", "landlock"],
  bubblewrap: ["bubblewrap"],
  unshare: ["unshare", "landlock"],
  none: ["none"],
};

const mend =
  "Install bubblewrap (`apt-get install bubblewrap`) or allow unprivileged user namespaces; `ml-intern doctor` shows what " +
  "is missing. `--sandbox=none` runs code without walls, with your own rights: only for code that you trust.";

/**
 * Opens a sandbox over a workspace, and proves that it works by running a command in it. Throws LabError
 * "sandbox/unavailable" with what to do where the machine cannot hold one of the wanted kind.
 */
export async function openSandbox(options: OpenSandboxOptions): Promise<Sandbox> {
  const signal = options.signal ?? new AbortController().signal;
  const abilities = await detectAbilities({ signal });
  const reasons: string[] = [];
  for (const kind of kindsOf[options.mode]) {
    try {
      return await openSandboxOfKind({ ...options, kind, abilities, signal });
    } catch (error) {
      if (!(error instanceof LabError) || error.code !== "sandbox/unavailable") throw error;
      reasons.push(error.message);
    }
  }
  throw new LabError("sandbox/unavailable", `No sandbox works on this machine.\n${reasons.join("\n")}`, {
    mend,
  });
}

export interface OpenSandboxOfKindOptions extends Omit<OpenSandboxOptions, "mode"> {
  readonly kind: SandboxKind;
  readonly abilities: Abilities;
  readonly signal: AbortSignal;
}

/** Opens a sandbox of one kind or throws. */
export async function openSandboxOfKind(options: OpenSandboxOfKindOptions): Promise<Sandbox> {
  const { kind, abilities, home, signal } = options;
  const missing = missingFor(kind, abilities);
  if (missing !== null) throw unavailable(kind, missing);
  const { asRoot, cgroups, python } = abilities;
  // With no walls at all there is no other user either.
  const user =
    kind === "none" ? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 } : abilities.user;

  await mkdir(options.workspace, { recursive: true, mode: 0o700 });
  const hostWorkspace = await realpath(options.workspace);
  if (asRoot && kind !== "none") await adoptFolder({ root: hostWorkspace, user });
  if (cgroups !== null) await sweepCgroups(cgroups);
  if (asRoot && kind === "landlock") {
    const closed = await closedFolder([hostWorkspace, ...options.readOnlyPaths]);
    if (closed !== null)
      throw unavailable(kind, `without mounts, other users must be able to enter ${closed}`);
  }

  const mounts = kind === "bubblewrap" || kind === "unshare";
  const workspace = mounts ? workspaceMount : hostWorkspace;
  const readOnlyPaths = [...options.readOnlyPaths, ...(python?.prefixes ?? [])];
  const settings: LaunchSettings = {
    kind,
    abilities,
    readOnlyPaths,
    workspace,
    temporary: mounts ? "/tmp" : `${hostWorkspace}/.home/tmp`,
    mounts: mounts
      ? await buildMountPlan({
          workspace: hostWorkspace,
          readOnlyPaths,
          etcDirectory: await writeEtcFiles({ home, user }),
          temporaryBytes: mergeLimits(options.limits).temporaryBytes,
        })
      : [],
  };
  const running = new Set<SandboxProcess>();
  const start = async (command: ExecOptions, wallMs: number | null): Promise<SandboxProcess> => {
    const limits = options.limits ?? {};
    const place = await lstat(hostWorkspace).catch(() => null); // gone
    if (place?.isDirectory() !== true) throw workspaceGone(hostWorkspace);
    const started = await startProcess({ settings, hostWorkspace, limits, command, wallMs });
    running.add(started);
    const forget = (): boolean => running.delete(started);
    started.finished.then(forget, forget);
    return started;
  };
  const sandbox: Sandbox = {
    kind,
    guarantees: guaranteesOf(kind, abilities),
    hostWorkspace,
    workspace,
    owner: user,
    async exec(command) {
      const { wallMs } = mergeLimits(options.limits, command.limits);
      const started = await start(command, wallMs);
      started.stdin.end();
      return started.finished;
    },
    spawn: (command) => start(command, command.limits?.wallMs ?? null),
    adoptFile: (path) => adoptFile({ root: hostWorkspace, path, user }),
    async [Symbol.asyncDispose]() {
      for (const started of running) started.kill();
      await Promise.allSettled([...running].map((started) => started.finished));
    },
  };
  await prove(sandbox, options.readOnlyPaths, signal);
  return sandbox;
}

/** A link in its place would show the sandbox what it leads to. */
function workspaceGone(path: string): LabError {
  return new LabError("sandbox/unavailable", `There is no workspace any more at ${path}.`, {
    mend: "Nothing can run until it is back: stop here.",
  });
}

function unavailable(kind: SandboxKind, reason: string): LabError {
  return new LabError("sandbox/unavailable", `${kind}: ${reason}`, { mend });
}

function missingFor(kind: SandboxKind, abilities: Abilities): string | null {
  const { python, bubblewrap, unshare, user } = abilities;
  if (python === null) return "no python3 with ctypes was found to start commands with";
  if (kind === "none") return null;
  if (user.uid === 0) return "root cannot become another user here (a container with a single user)";
  if (kind === "bubblewrap" && bubblewrap === null) return "bubblewrap (bwrap) is not installed";
  if (kind === "unshare" && unshare === null) return "unshare (util-linux) is not installed";
  if (kind === "landlock" && python.landlock === 0) return "the kernel has no Landlock";
  return null;
}

/** The first folder on the way to these paths that only its owner can enter. */
async function closedFolder(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    for (let folder = dirname(path); folder !== "/"; folder = dirname(folder)) {
      if (((await stat(folder)).mode & 0o001) === 0) return folder;
    }
  }
  return null;
}

/** Makes the home folder, and finds out whether what was promised can be read and written from the inside. */
const proof = `
test -w . || { echo "the workspace cannot be written by the sandbox's user"; exit 1; }
mkdir -p "$HOME" "$TMPDIR" || exit 1
for path; do test -r "$path" || { echo "$path cannot be read by the sandbox's user"; exit 1; }; done
`;

async function prove(sandbox: Sandbox, readOnlyPaths: readonly string[], signal: AbortSignal): Promise<void> {
  const argv = ["/bin/sh", "-c", proof, "sh", ...readOnlyPaths];
  const result = await sandbox.exec({ argv, signal, limits: { wallMs: 30_000 } });
  signal.throwIfAborted();
  if (result.ended !== "exited" || result.exit_code !== 0) {
    throw unavailable(sandbox.kind, result.output.trim() || `a first command ended: ${result.ended}`);
  }
}
