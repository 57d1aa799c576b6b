import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Target } from "./judge.ts";

export interface ClaudeCodeOptions {
  readonly target: Target;
  readonly prompt: string;
  readonly allowedTools?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

export interface ClaudeCode extends AsyncDisposable {
  /** Where it works. It is empty at first. */
  readonly folder: string;
  /** Resolves when this text has come up in its output; fails when it ends without. */
  said(text: string): Promise<void>;
  kill(): void;
  /** What it said when it has ended. */
  finished(): Promise<ClaudeCodeOutcome>;
}

export interface ClaudeCodeOutcome {
  readonly exitCode: number | null;
  /** Its lines of JSON: `system`, `assistant`, `user`, and at the end `result`. */
  readonly lines: readonly ClaudeCodeLine[];
  readonly result: ClaudeCodeLine | undefined;
  readonly errors: string;
}

export interface ClaudeCodeLine {
  readonly type: string;
  readonly subtype?: string;
  readonly is_error?: boolean;
  readonly result?: string;
  readonly message?: { readonly content: readonly { readonly type: string; readonly content?: unknown }[] };
  readonly [field: string]: unknown;
}

/** The program in a package installed from npm; its platform's own package has it, so that nothing else has to run. */
export async function claudeCodeProgram({ folder }: { readonly folder: string }): Promise<string> {
  const scope = join(folder, "node_modules", "@anthropic-ai");
  const name = (await readdir(scope)).find((each) => each.startsWith("claude-code-"));
  if (name === undefined) throw new Error(`npm found no Claude Code for this platform: ${scope}`);
  return join(scope, name, "claude");
}

/** Starts Claude Code's CLI with one prompt, in an empty home and an empty folder, with nobody to talk to but the target. */
export async function startClaudeCode(
  program: string,
  { target: { url, key, model }, prompt, allowedTools = [], env = {}, args = [] }: ClaudeCodeOptions,
): Promise<ClaudeCode> {
  const root = await mkdtemp(join(tmpdir(), "claude-code-"));
  const [home, folder] = [join(root, "home"), join(root, "work")];
  await Promise.all([mkdir(home), mkdir(folder)]);
  const argv = ["-p", prompt, "--model", model, "--output-format", "stream-json", "--verbose"];
  const allowed = allowedTools.length > 0 ? ["--allowedTools", allowedTools.join(",")] : [];
  const child = spawn(program, [...argv, ...allowed, ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      HOME: home,
      PATH: process.env.PATH,
      TMPDIR: root,
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      DISABLE_ERROR_REPORTING: "1",
      DISABLE_TELEMETRY: "1",
      ...env,
    },
  });
  const ended = once(child, "close");
  const errors = text(child.stderr);
  let output = "";
  const heard = new EventEmitter();
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    output += piece;
    heard.emit("more");
  });

  async function said(wanted: string): Promise<void> {
    while (!output.includes(wanted)) {
      const more = await Promise.race([once(heard, "more"), ended.then(() => null)]);
      if (!more) throw new Error(`It ended without saying ${wanted}: ${output}`);
    }
  }

  async function finished(): Promise<ClaudeCodeOutcome> {
    await ended;
    const lines = output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as ClaudeCodeLine);
    const result = lines.find(({ type }) => type === "result");
    return { exitCode: child.exitCode, lines, result, errors: await errors };
  }

  return {
    folder,
    said,
    kill: () => child.kill("SIGKILL"),
    finished,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(root, { recursive: true, force: true });
    },
  };
}
