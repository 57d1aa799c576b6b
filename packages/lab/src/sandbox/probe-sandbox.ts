import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../environments/run-program.ts";
import { type Abilities, detectAbilities } from "./abilities.ts";
import { openSandbox } from "./open-sandbox.ts";
import type { SandboxMode } from "./sandbox.ts";

/** One line of `doctor`: what was looked for, whether it is there, and what to do if not. */
export interface SandboxCheck {
  readonly name: "user_namespaces" | "bubblewrap" | "unshare" | "landlock" | "cgroup" | "seccomp" | "python";
  readonly ok: boolean;
  readonly detail: string;
  /** Null when nothing needs doing. */
  readonly mend: string | null;
}

const installBwrap = "Run as root: apt-get install bubblewrap";
const allowNamespaces =
  "Allow unprivileged user namespaces: sysctl kernel.unprivileged_userns_clone=1 (Debian), " +
  "sysctl kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu), or --security-opt seccomp=unconfined (Docker)";

/** Looks at what this machine can enforce, by trying it. */
export async function probeSandbox(options: {
  readonly home: string;
  readonly signal?: AbortSignal;
}): Promise<readonly SandboxCheck[]> {
  const signal = options.signal ?? new AbortController().signal;
  const abilities = await detectAbilities({ signal });
  const [bubblewrap, unshare, namespaces] = await Promise.all([
    tryMode("bubblewrap", options.home, signal),
    tryMode("unshare", options.home, signal),
    userNamespaces(abilities, signal),
  ]);
  return [
    check(
      "user_namespaces",
      namespaces,
      "an ordinary user can make them",
      "refused by the kernel",
      allowNamespaces,
    ),
    check("bubblewrap", bubblewrap.ok, bubblewrap.detail, bubblewrap.detail, installBwrap),
    check("unshare", unshare.ok, unshare.detail, unshare.detail, allowNamespaces),
    landlockCheck(abilities),
    cgroupCheck(abilities),
    check(
      "seccomp",
      abilities.processor !== null,
      `a filter for ${process.arch}`,
      `no filter is written for ${process.arch}`,
      "Use a machine with an x86-64 or aarch64 processor",
    ),
    check(
      "python",
      abilities.python !== null,
      `${abilities.python?.executable} ${abilities.python?.version.join(".")} starts the commands`,
      "no python3 with ctypes",
      "Run as root: apt-get install python3",
    ),
  ];
}

function check(
  name: SandboxCheck["name"],
  ok: boolean,
  good: string,
  bad: string,
  mend: string,
): SandboxCheck {
  return { name, ok, detail: ok ? good : bad, mend: ok ? null : mend };
}

async function tryMode(
  mode: SandboxMode,
  home: string,
  signal: AbortSignal,
): Promise<{ ok: boolean; detail: string }> {
  const workspace = await mkdtemp(join(tmpdir(), "ml-intern-probe-"));
  try {
    await using sandbox = await openSandbox({ workspace, home, mode, readOnlyPaths: [], signal });
    const weak = sandbox.guarantees
      .filter((guarantee) => !guarantee.enforced)
      .map((guarantee) => guarantee.name);
    const weaker = weak.length === 0 ? "" : `; not enforced: ${weak.join(", ")}`;
    return { ok: sandbox.kind === mode, detail: `works, as ${sandbox.kind}${weaker}` };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

/** Root may always make them; what counts is whether a user without rights may, so root asks as one. */
async function userNamespaces({ unshare, asRoot, user }: Abilities, signal: AbortSignal): Promise<boolean> {
  if (unshare === null) return false;
  const drop = asRoot ? ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"] : [];
  const { exitCode } = await runProgram({
    argv: [...drop, unshare, "--user", "--map-current-user", "true"],
    signal,
  });
  return exitCode === 0;
}

function landlockCheck({ python }: Abilities): SandboxCheck {
  const version = python?.landlock ?? 0;
  const mend =
    version === 0 ? "Use a kernel of 5.13 or newer with Landlock switched on (lsm=landlock,…)" : null;
  return {
    name: "landlock",
    ok: version > 0,
    detail: version > 0 ? `version ${version}` : "not there",
    mend,
  };
}

function cgroupCheck({ cgroups }: Abilities): SandboxCheck {
  const has = Object.keys(cgroups?.controllers ?? {});
  const ok = ["memory", "pids"].every((controller) => has.includes(controller));
  const detail =
    cgroups === null
      ? "none that this user may use; limits hold for each process, and the sum is looked at twice a second"
      : `version ${cgroups.version.slice(1)} with ${has.join(", ")}`;
  const mend = "Run inside a delegated group: systemd-run --user --scope -p Delegate=yes ml-intern …";
  return { name: "cgroup", ok, detail, mend: ok ? null : mend };
}
