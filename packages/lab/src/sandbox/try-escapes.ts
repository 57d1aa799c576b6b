import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type ListenOptions, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Limits } from "./limits.ts";
import type { ExecResult, Sandbox, SandboxKind } from "./sandbox.ts";

/** One way out, and whether it is closed on this machine. */
export interface EscapeRow {
  readonly attempt: string;
  readonly stopped: boolean;
  /** What the attempt got hold of, or what ended it. */
  readonly detail: string;
}

export interface EscapeReport {
  readonly kind: SandboxKind;
  readonly uid: number;
  readonly rows: readonly EscapeRow[];
}

export interface TryEscapesOptions {
  /** Opens the sandbox under test with these limits. Never one without walls: the attempts are real. */
  readonly open: (options: { workspace: string; limits: Partial<Limits> }) => Promise<Sandbox>;
  readonly signal: AbortSignal;
  /** Default: all. */
  readonly attempts?: readonly string[];
}

/** What the sandbox promises to stop, in the words of python/escapes.py. */
export const accessAttempts: readonly string[] = [
  "read /etc/shadow",
  "read the agent's own keys",
  "read another workspace",
  "write outside the workspace",
  "write through a link out of the workspace",
  "hard link to a file outside",
  "connect to a port of the host",
  "connect to a unix socket of the host",
  "connect to an abstract socket of the host",
  "reach the machine below by vsock",
  "see other processes",
  "read another process's environment",
  "signal another process",
  "trace another process",
  "read the memory of another process",
  "find a secret in the environment",
  "use an inherited descriptor",
  "be root",
  "have a capability",
  "mount something",
  "make a user namespace with unshare",
  "make a user namespace with clone",
  "make a user namespace with clone3",
  "make a device file",
  "open a disk",
  "use the kernel's keyring",
  "use io_uring",
  "use bpf",
  "type into the terminal",
  "change a setting of the kernel",
  "write to the system's programs",
  "regain rights through a set-uid program",
];

/** Attempts that use up what there is; each runs in a command of its own. */
export const exhaustionAttempts: readonly string[] = [
  "fork bomb",
  "memory of one process",
  "memory of all processes",
  "one big file",
  "fill the disk",
  "fill the temporary folder",
  "daemon",
];

const mebibyte = 1024 ** 2;
const limits = {
  memoryBytes: 256 * mebibyte,
  processes: 64,
  fileBytes: 48 * mebibyte,
  diskBytes: 64 * mebibyte,
  temporaryBytes: 32 * mebibyte,
  wallMs: 60_000,
} as const satisfies Partial<Limits>;

/** The word that every bait carries. Also set it in the environment and in an open file before calling, to test those. */
export const baitMark = "ml-intern-bait-9f3c";

const script = readFileSync(new URL("../../python/escapes.py", import.meta.url), "utf8");

/** Lays out bait on the host, tries every way out from the inside, and tells which of them are closed. */
export async function tryEscapes(options: TryEscapesOptions): Promise<EscapeReport> {
  const { signal } = options;
  const wanted = options.attempts ?? [...accessAttempts, ...exhaustionAttempts];
  const place = await mkdtemp(join(tmpdir(), "ml-intern-escapes-"));
  await using bait = await layBait(place);
  await using sandbox = await options.open({ workspace: join(place, "workspace"), limits });
  const run = (attempts: readonly string[]): Promise<ExecResult> =>
    sandbox.exec({
      argv: ["python3", "-c", script, JSON.stringify({ ...bait.facts, ...sizes }), JSON.stringify(attempts)],
      signal,
    });

  const rows: EscapeRow[] = [];
  const access = wanted.filter((attempt) => accessAttempts.includes(attempt));
  if (access.length > 0) {
    const answers = parseAnswers(await run(access));
    const written = await readdir(bait.facts.outside);
    for (const attempt of access) rows.push(judge(attempt, answers[attempt], written));
  }
  for (const attempt of wanted.filter((name) => exhaustionAttempts.includes(name))) {
    const result = await run([attempt]);
    signal.throwIfAborted();
    if (attempt === "daemon") rows.push(await judgeDaemon(join(sandbox.hostWorkspace, "alive")));
    else if (result.ended === "memory" || result.ended === "disk") {
      rows.push({ attempt, stopped: true, detail: `ended: ${result.ended}` });
    } else rows.push(judge(attempt, parseAnswers(result)[attempt], []));
  }
  return { kind: sandbox.kind, uid: process.getuid?.() ?? 0, rows };
}

const sizes = {
  processes: limits.processes,
  memory: limits.memoryBytes,
  file: limits.fileBytes,
  disk: limits.diskBytes,
  temporary: limits.temporaryBytes,
};

type Answers = Readonly<Record<string, string | null>>;

function parseAnswers(result: ExecResult): Answers {
  const line = result.output.trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as Answers;
  } catch (error) {
    throw new Error(`the attempts did not run to their end (${result.ended}): ${result.output}`, {
      cause: error,
    });
  }
}

/** What a sandbox wrote in a private folder of the same name is no escape: the host looks for itself. */
function judge(attempt: string, answer: string | null | undefined, written: readonly string[]): EscapeRow {
  if (answer === undefined) return { attempt, stopped: false, detail: "no answer" };
  const claimed = answer?.startsWith("host: ") === true ? answer.slice(6) : null;
  if (answer === null || (claimed !== null && !written.includes(claimed))) {
    return { attempt, stopped: true, detail: answer === null ? "refused" : "stayed inside" };
  }
  return { attempt, stopped: false, detail: answer };
}

async function judgeDaemon(file: string): Promise<EscapeRow> {
  const size = async (): Promise<number> => (await stat(file)).size;
  const before = await size();
  // Nothing reports that a process does not write; ten times its rhythm is long enough to see it.
  await delay(200);
  const stopped = (await size()) === before;
  return { attempt: "daemon", stopped, detail: stopped ? "ended with its command" : "lives on" };
}

interface Bait extends AsyncDisposable {
  readonly facts: {
    readonly key: string;
    readonly sibling: string;
    readonly outside: string;
    readonly socket: string;
    readonly abstract: string;
    readonly port: number;
    readonly victim: number;
    readonly mark: string;
  };
}

async function layBait(place: string): Promise<Bait> {
  await chmod(place, 0o755);
  const [key, sibling, outside, socket] = ["id_ed25519", "sibling.txt", "outside", "service.sock"].map(
    (name) => join(place, name),
  ) as [string, string, string, string];
  await writeFile(key, baitMark, { mode: 0o600 });
  await writeFile(sibling, baitMark, { mode: 0o644 });
  await mkdir(outside);
  await chmod(outside, 0o777);
  const abstract = `ml-intern-${process.pid}-${Date.now()}`;
  const open = async (where: ListenOptions): Promise<Server> => {
    const server = createServer((connection) => connection.end()).listen(where);
    await once(server, "listening");
    return server;
  };
  const web = await open({ port: 0, host: "127.0.0.1" });
  const servers = [web, await open({ path: socket }), await open({ path: `\0${abstract}` })];
  await chmod(socket, 0o777);
  const port = (web.address() as AddressInfo).port;
  const victim = spawn("/bin/sh", ["-c", `read wait # ${baitMark}`], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { SECRET: baitMark },
  });
  return {
    facts: { key, sibling, outside, socket, abstract, port, victim: victim.pid ?? 0, mark: baitMark },
    async [Symbol.asyncDispose]() {
      victim.kill("SIGKILL");
      for (const server of servers) server.close();
      await rm(place, { recursive: true, force: true });
    },
  };
}

/** The table that doctor and the tests print. */
export function formatEscapes({ kind, uid, rows }: EscapeReport): string {
  const open = rows.filter((row) => !row.stopped);
  const lines = rows.map(({ attempt, stopped, detail }) => {
    return `  ${stopped ? "stopped    " : "NOT STOPPED"}  ${attempt}${stopped && detail === "refused" ? "" : `: ${detail}`}`;
  });
  const head = `${kind}, started by ${uid === 0 ? "root" : `user ${uid}`}: ${rows.length - open.length} of ${rows.length} stopped`;
  return [head, ...lines].join("\n");
}
