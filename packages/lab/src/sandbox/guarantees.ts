import type { Abilities } from "./abilities.ts";
import type { Guarantee, SandboxKind } from "./sandbox.ts";

/** What a sandbox of this kind promises on this machine, and what keeps each promise. */
export function guaranteesOf(kind: SandboxKind, abilities: Abilities): readonly Guarantee[] {
  const { asRoot, cgroups, processor } = abilities;
  const walled = kind !== "none";
  const namespaces = kind === "bubblewrap" || kind === "unshare";
  const scoped = (abilities.python?.landlock ?? 0) >= 6;
  const filter = walled && processor !== null;
  const groups = cgroups?.controllers ?? {};
  const group = `control groups ${cgroups?.version ?? ""}`;
  const promise = (name: string, enforced: boolean, by: string): Guarantee => ({
    name,
    enforced,
    by: by === "" ? "nothing" : by,
  });
  const filesBy = { bubblewrap: "mounts and Landlock", unshare: "mounts and Landlock", landlock: "Landlock" };
  return [
    promise("other files of this machine cannot be read or changed", walled, walled ? filesBy[kind] : ""),
    promise(
      "no network, no service of this machine",
      namespaces || (kind === "landlock" && filter),
      namespaces ? "network namespace" : filter ? "system-call filter (no sockets at all)" : "",
    ),
    promise("other processes are invisible", namespaces, namespaces ? "process namespace" : ""),
    promise(
      "other processes cannot be signalled or traced",
      namespaces || (walled && (scoped || asRoot)),
      namespaces
        ? "process namespace"
        : walled
          ? scoped
            ? "Landlock scopes"
            : asRoot
              ? "another user"
              : ""
          : "",
    ),
    promise(
      "not root, and no way to become it",
      walled,
      walled
        ? asRoot
          ? `user ${abilities.user.uid}, no capabilities`
          : "no capabilities, no new privileges"
        : "",
    ),
    promise("rare and risky system calls are refused", filter, filter ? "system-call filter" : ""),
    promise("no secret of the environment or of an open file", true, "clean environment, closed descriptors"),
    promise(
      "memory of all processes together",
      walled || groups.memory !== undefined,
      groups.memory !== undefined ? group : "address space of each process; a look at the sum twice a second",
    ),
    promise(
      "number of processes",
      groups.pids !== undefined || process.getuid?.() !== 0 || walled,
      groups.pids !== undefined ? group : "resource limit of the user",
    ),
    promise(
      "processor time",
      groups.cpu !== undefined,
      groups.cpu !== undefined ? group : "thread counts only",
    ),
    promise(
      "disk space of the workspace",
      true,
      "resource limit for each file; a look at the sum twice a second",
    ),
    promise("wall time and output", true, "the host"),
    promise(
      "nothing survives the end of a command",
      namespaces || groups.pids !== undefined || scoped || asRoot,
      namespaces ? "process namespace" : groups.pids !== undefined ? group : "a supervisor outside",
    ),
  ];
}
