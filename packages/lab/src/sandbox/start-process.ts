import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import { LabError } from "../lab-error.ts";
import { type Cgroup, createCgroup } from "./cgroup.ts";
import { cleanEnvironment } from "./clean-environment.ts";
import { type LaunchSettings, launchArguments, launchPlan } from "./launch-plan.ts";
import { type Limits, mergeLimits } from "./limits.ts";
import { OutputCapture } from "./output-capture.ts";
import type { Ended, ExecOptions, ExecResult, SandboxProcess, SpawnOptions } from "./sandbox.ts";
import { watchUsage } from "./watch-usage.ts";

export interface StartProcessOptions {
  readonly settings: LaunchSettings;
  readonly hostWorkspace: string;
  readonly limits: Partial<Limits>;
  readonly command: ExecOptions & Pick<SpawnOptions, "channel">;
  readonly wallMs: number | null;
}

/** How long the output may stay open after the process has ended, before we stop listening. */
const drainMs = 2000;

/**
 * Starts a command in the sandbox. Resolves when the walls stand and the command is about to run; rejects with LabError
 * "sandbox/unavailable" when a wall could not be put up. Abort kills the whole tree, also while the walls are built.
 */
export async function startProcess(options: StartProcessOptions): Promise<SandboxProcess> {
  const { settings, command } = options;
  command.signal.throwIfAborted();
  const limits = mergeLimits(options.limits, command.limits);
  const { cgroups } = settings.abilities;
  const cgroup = cgroups === null ? null : await createCgroup({ layout: cgroups, limits });
  const capture = new OutputCapture({
    logPath: command.logPath,
    maxBytes: limits.outputBytes,
    onOutput: command.onOutput,
  });
  const begin = performance.now();
  const [file = "", ...args] = launchArguments(settings, cgroup?.joinFiles ?? []);
  const channels = command.channel === true ? (["pipe", "pipe"] as const) : (["pipe"] as const);
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "ignore", ...channels],
    env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LANG: "C.UTF-8" },
    cwd: "/",
    detached: true,
  });
  const control = child.stdio[3] as Duplex;
  const channel = command.channel === true ? (child.stdio[4] as Duplex) : null;
  // A process that ends while we write to it is no error of ours; its end is reported by the result.
  const stdin = child.stdin as Writable;
  for (const stream of [control, channel, stdin]) stream?.on("error", () => {});
  child.stdout?.on("data", (chunk: Buffer) => capture.write(chunk));

  let stopped: Ended | null = null;
  const stop = (reason: Ended): void => {
    if (stopped !== null || child.exitCode !== null || child.signalCode !== null) return;
    stopped = reason;
    endTree({ child, control, cgroup, supervised: settings.kind === "landlock" || settings.kind === "none" });
  };
  const onAbort = (): void => stop("cancelled");
  command.signal.addEventListener("abort", onAbort, { once: true });
  const timer = options.wallMs === null ? null : setTimeout(() => stop("timeout"), options.wallMs);
  const watch = watchUsage({
    workspace: options.hostWorkspace,
    diskBytes: limits.diskBytes,
    memoryBytes: cgroups?.controllers.memory === undefined ? limits.memoryBytes : null,
    root: child.pid ?? 0,
    onExceeded: stop,
  });

  const environment = cleanEnvironment({
    workspace: settings.workspace,
    temporary: settings.temporary,
    cpus: limits.cpus,
  });
  control.write(
    launchPlan(settings, {
      argv: command.argv,
      cwd: insidePath(settings.workspace, command.cwd),
      env: { ...environment, ...command.env },
      limits,
      channel: command.channel === true,
    }),
  );
  const verdict = launchVerdict(control);

  const finish = async (): Promise<ExecResult> => {
    const code = await ended(child, [control, channel]);
    if (timer !== null) clearTimeout(timer);
    watch.stop();
    command.signal.removeEventListener("abort", onAbort);
    const memoryKills = (await cgroup?.memoryKills()) ?? 0;
    await cgroup?.kill();
    await cgroup?.remove();
    const { output, truncated } = await capture.finish();
    const reason =
      stopped ?? (memoryKills > 0 && code !== 0 ? "memory" : code === null ? "killed" : "exited");
    return {
      ended: reason,
      exit_code: reason === "exited" ? code : null,
      duration_ms: Math.round(performance.now() - begin),
      output,
      truncated,
      log_path: command.logPath ?? null,
    };
  };
  const finished = finish();

  const failure = await verdict;
  if (failure !== null && stopped === null) {
    const { output } = await finished;
    throw wallsFailed(settings.kind, failure === "" ? output.trim() : failure);
  }
  if (child.pid !== undefined) command.onStart?.(child.pid);
  return { stdin, channel, finished, kill: () => stop("killed") };
}

export function wallsFailed(kind: string, reason: string): LabError {
  return new LabError("sandbox/unavailable", `The sandbox (${kind}) could not be set up: ${reason}`, {
    mend: "Run `ml-intern doctor` to see what this machine can enforce and what to install.",
  });
}

function insidePath(workspace: string, cwd: string | undefined): string {
  if (cwd === undefined) return workspace;
  return cwd.startsWith("/") ? cwd : `${workspace}/${cwd}`;
}

/** Null when the command was started; else why not, empty when the launcher did not get to say it. */
function launchVerdict(control: Readable): Promise<string | null> {
  return new Promise((resolve) => {
    let text = "";
    const settle = (): void => {
      const line = text.split("\n")[0] ?? "";
      const answer = (line === "" ? {} : JSON.parse(line)) as { ready?: true; failed?: string };
      resolve(answer.ready === true ? null : (answer.failed ?? ""));
    };
    control.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.includes("\n")) settle();
    });
    control.on("end", settle);
    control.on("close", settle);
  });
}

interface EndTreeOptions {
  readonly child: ChildProcess;
  readonly control: Duplex;
  readonly cgroup: Cgroup | null;
  /** True when our supervisor must do the killing, because no process namespace does it. */
  readonly supervised: boolean;
}

/** Kills the tree: through its namespace's first process, or through the supervisor, which sees its line close. */
function endTree({ child, control, cgroup, supervised }: EndTreeOptions): void {
  control.destroy();
  const force = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // the group is gone already
    }
    // What cannot be killed here is tried again when the result is made, where a failure is seen.
    cgroup?.kill().catch(() => {});
  };
  const timer = setTimeout(force, supervised ? drainMs : 0);
  child.once("exit", () => clearTimeout(timer));
}

/** The exit code once the process has ended and its output is read; null when a signal ended it. */
function ended(child: ChildProcess, lines: readonly (Duplex | null)[]): Promise<number | null> {
  return new Promise((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", (code) => {
      const timer = setTimeout(() => {
        for (const stream of [child.stdout, ...lines]) stream?.destroy();
      }, drainMs);
      child.once("close", () => {
        clearTimeout(timer);
        resolve(code);
      });
    });
  });
}
