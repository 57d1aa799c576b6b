import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

/** One step of building the sandbox's file system. Both back ends carry out the same steps in the same order. */
export type Mount =
  | {
      readonly kind: "bind";
      readonly source: string;
      readonly target: string;
      readonly writable: boolean;
      readonly devices: boolean;
    }
  | {
      readonly kind: "tmpfs";
      readonly target: string;
      readonly bytes: number;
      readonly mode: "0755" | "1777";
    }
  | { readonly kind: "proc"; readonly target: string }
  | { readonly kind: "folder"; readonly target: string }
  | { readonly kind: "symlink"; readonly target: string; readonly to: string }
  /** Makes what was mounted or built there read-only. */
  | { readonly kind: "freeze"; readonly target: string };

export interface MountPlanOptions {
  readonly workspace: string;
  readonly readOnlyPaths: readonly string[];
  /** A folder with the files that stand in for the host's /etc. */
  readonly etcDirectory: string;
  readonly temporaryBytes: number;
}

/** Where the workspace lies in every sandbox that can mount. */
export const workspaceMount = "/workspace";

export const systemFolders: readonly string[] = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/nix/store",
];

/** What Python and its libraries look up on the host. No accounts, no keys, no names of other machines. */
export const systemFiles: readonly string[] = [
  "/etc/alternatives",
  "/etc/fonts",
  "/etc/ld.so.cache",
  "/etc/ld.so.conf",
  "/etc/ld.so.conf.d",
  "/etc/localtime",
  "/etc/matplotlibrc",
  "/etc/mime.types",
  "/etc/ssl/certs",
  "/sys/devices/system/cpu",
];

export const deviceFiles: readonly string[] = [
  "/dev/null",
  "/dev/zero",
  "/dev/full",
  "/dev/random",
  "/dev/urandom",
];

/** Files that we write ourselves, in `etcDirectory`. */
export const ownEtcFiles = ["passwd", "group", "hosts", "nsswitch.conf"] as const;

function bind(
  source: string,
  target: string,
  options: { writable?: boolean; devices?: boolean } = {},
): Mount {
  return {
    kind: "bind",
    source,
    target,
    writable: options.writable ?? false,
    devices: options.devices ?? false,
  };
}

async function readOnly(path: string): Promise<Mount[]> {
  const source = await realpath(path).catch(() => null);
  return source === null ? [] : [bind(source, path)];
}

/** A link of the host stays a link (on most systems /bin is usr/bin); a folder is bound. */
async function systemFolder(path: string): Promise<Mount[]> {
  const status = await lstat(path).catch(() => null);
  if (status === null) return [];
  return status.isSymbolicLink()
    ? [{ kind: "symlink", target: path, to: await readlink(path) }]
    : [bind(path, path)];
}

/** Paths without those that lie below another one of the list or below the system's folders. */
export function outermostPaths(paths: readonly string[]): string[] {
  const isBelow = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);
  const unique = [...new Set(paths)].filter((path) => !systemFolders.some((folder) => isBelow(path, folder)));
  return unique.filter((path) => !unique.some((other) => other !== path && isBelow(path, other))).sort();
}

/** The folders that bound paths lie in. Named, because root's bubblewrap would make them for root alone. */
function parentFolders(mounts: readonly Mount[]): Mount[] {
  const below = (path: string): string[] => {
    const parent = dirname(path);
    return parent === "/" ? [] : [...below(parent), parent];
  };
  const inSystem = (path: string): boolean =>
    systemFolders.some((folder) => `${path}/`.startsWith(`${folder}/`));
  const parents = mounts.flatMap((mount) => (mount.kind === "bind" ? below(mount.target) : []));
  return [...new Set(parents)]
    .filter((path) => !inSystem(path) && path !== "/dev")
    .map((target) => ({ kind: "folder", target }));
}

/** Lists the mounts of a sandbox: the system read-only, private temporary folders, the workspace writable, no more. */
export async function buildMountPlan(options: MountPlanOptions): Promise<readonly Mount[]> {
  const { workspace, readOnlyPaths, etcDirectory, temporaryBytes } = options;
  const folders = await Promise.all(systemFolders.map(systemFolder));
  const files = await Promise.all(systemFiles.map(readOnly));
  const granted = await Promise.all(outermostPaths(readOnlyPaths).map(readOnly));
  const own = ownEtcFiles.map((name) => bind(join(etcDirectory, name), `/etc/${name}`));
  const bound = [...files.flat(), ...own, ...granted.flat()];
  const small = 1024 ** 2;
  return [
    ...folders.flat(),
    { kind: "proc", target: "/proc" },
    { kind: "tmpfs", target: "/dev", bytes: small, mode: "0755" },
    ...deviceFiles.map((path) => bind(path, path, { writable: true, devices: true })),
    { kind: "symlink", target: "/dev/fd", to: "/proc/self/fd" },
    { kind: "symlink", target: "/dev/stdin", to: "/proc/self/fd/0" },
    { kind: "symlink", target: "/dev/stdout", to: "/proc/self/fd/1" },
    { kind: "symlink", target: "/dev/stderr", to: "/proc/self/fd/2" },
    { kind: "tmpfs", target: "/dev/shm", bytes: temporaryBytes, mode: "1777" },
    { kind: "freeze", target: "/dev" },
    { kind: "tmpfs", target: "/tmp", bytes: temporaryBytes, mode: "1777" },
    // After /tmp, which would cover what is granted below it.
    ...parentFolders(bound),
    ...bound,
    bind(workspace, workspaceMount, { writable: true }),
    { kind: "freeze", target: "/" },
  ];
}
