import type { Mount } from "./mount-plan.ts";

function mountArguments(mount: Mount): string[] {
  switch (mount.kind) {
    case "bind":
      if (mount.devices) return ["--dev-bind", mount.source, mount.target];
      return [mount.writable ? "--bind" : "--ro-bind", mount.source, mount.target];
    case "tmpfs":
      return ["--perms", mount.mode, "--size", String(mount.bytes), "--tmpfs", mount.target];
    case "proc":
      return ["--proc", mount.target];
    case "folder":
      return ["--perms", "0755", "--dir", mount.target];
    case "symlink":
      return ["--symlink", mount.to, mount.target];
    case "freeze":
      return ["--remount-ro", mount.target];
    default:
      return mount satisfies never;
  }
}

export interface BubblewrapOptions {
  readonly mounts: readonly Mount[];
  /**
   * True when root starts the sandbox. Root makes the mounts itself, so that it can bind what lies below a folder that
   * only root can enter; the launcher then needs three capabilities to become another user, and drops them with it.
   */
  readonly asRoot: boolean;
}

/** The arguments of bubblewrap up to the command. */
export function bubblewrapArguments({ mounts, asRoot }: BubblewrapOptions): string[] {
  const user = asRoot
    ? ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
    : ["--unshare-user"];
  return [
    ...user,
    ...["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--die-with-parent", "--new-session", "--hostname", "sandbox"],
    ...mounts.flatMap(mountArguments),
    "--",
  ];
}
