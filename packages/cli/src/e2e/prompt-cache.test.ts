import { spawnSync } from "node:child_process";
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Message } from "@ml-intern/messages";
import { writeTinyGguf } from "@ml-intern/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliResult, type RunningCli, startCli, untilOutput } from "./run-cli.ts";

// The server over an embedded model, on folders of its prompt cache that are not what they should be. Whatever is wrong
// with one, answers are those of a server that had none.

const MARKER = { cache_control: { type: "ephemeral" } };
const QUESTIONS = ["What is in the file?", "Who wrote it, and when?", "Say it in other words."];

let root: string;
/** The folder that a server left behind after answering all questions. */
let left: string;
let expected: readonly string[];
let ofOther: readonly string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "prompt-cache-e2e-"));
  await writeTinyGguf(join(root, "tiny.gguf"), { seed: 1 });
  await writeTinyGguf(join(root, "other.gguf"), { seed: 2 });
  left = join(root, "left");
  const server = await serve({ cache: left });
  expected = await askAll(server);
  ofOther = await askAll(server, "llama/other");
  await server.stop();
  expect(expected).not.toEqual(ofOther);
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Served {
  ask(question: string, model?: string): Promise<Message>;
  stop(signal?: NodeJS.Signals): Promise<CliResult>;
}

interface ServeOptions {
  readonly cache: string;
  readonly model?: string;
  readonly under?: readonly string[];
}

async function serve({ cache, model = "tiny.gguf", under = [] }: ServeOptions): Promise<Served> {
  const home = await mkdtemp(join(root, "home-"));
  const configuration = {
    engines: {
      llama: {
        type: "llama",
        models: { tiny: join(root, model), other: join(root, "other.gguf") },
        sampling: { temperature: 0 },
        threads: 1,
        sequences: 1,
      },
    },
    cache: { folder: cache, diskGigabytes: 0.01 },
  };
  const path = join(home, "gateway.yaml");
  await writeFile(path, JSON.stringify(configuration));
  const args = ["serve", "--config", path, "--port", "0", "--hub-port", "0"];
  const running: RunningCli = startCli(args, { home, under });
  const { messages } = JSON.parse((await untilOutput(running, /\}\n/)).trim()) as { messages: string };
  return {
    ask: async (question, model = "llama/tiny") => {
      const response = await fetch(`${messages}/v1/messages`, {
        method: "POST",
        headers: { "content-type": "application/json", "anthropic-version": "2023-06-01" },
        body: JSON.stringify({
          model,
          max_tokens: 24,
          system: [{ type: "text", text: "You read files. ".repeat(60), ...MARKER }],
          messages: [{ role: "user", content: [{ type: "text", text: question.repeat(15), ...MARKER }] }],
        }),
      });
      expect(response.status).toBe(200);
      return (await response.json()) as Message;
    },
    stop: (signal = "SIGTERM") => {
      running.child.kill(signal);
      return running.finished;
    },
  };
}

async function askAll(server: Served, model?: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const question of QUESTIONS) {
    const { content } = await server.ask(question, model);
    texts.push(JSON.stringify(content));
  }
  return texts;
}

/** A copy of the folder that was left, for a test to spoil. */
async function copyOfLeft(name: string): Promise<string> {
  const folder = join(root, name);
  await cp(left, folder, { recursive: true });
  return folder;
}

async function stateFiles(cache: string): Promise<readonly string[]> {
  const folder = join(cache, "states", "llama");
  const names = await readdir(folder);
  return names.filter((name) => /\.(block|boundary)$/.test(name)).map((name) => join(folder, name));
}

/** What a server says of itself while it answers, but for its log of requests and what it always says. */
function warnings({ stderr }: CliResult): readonly string[] {
  const usual = /^\{|^loaded |^unloaded |^Stopping|possible training context overflow|^$/;
  return stderr.split("\n").filter((line) => !usual.test(line));
}

test("damaged, cut off and foreign files, and those of another version, are as good as none", async () => {
  const cache = await copyOfLeft("damaged");
  const [flipped = "", cut = "", empty = "", old = "", swapped = "", other = ""] = await stateFiles(cache);
  const change = async (path: string, offset: number): Promise<void> => {
    const bytes = await readFile(path);
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x55;
    await writeFile(path, bytes);
  };
  await change(flipped, (await stat(flipped)).size - 100);
  await truncate(cut, 700);
  await truncate(empty, 0);
  await change(old, 8); // the version
  await cp(other, swapped);
  const note = join(cache, "states", "llama", "notes.txt");
  await writeFile(note, "mine");
  await writeFile(join(cache, "states", "llama", "uses"), "\0\xff not a journal");
  const entries = await readFile(join(cache, "entries.log"), "utf8");
  await writeFile(join(cache, "entries.log"), `{"format":2,"key":1}\n\0\0\0\n${entries.slice(0, -20)}`);
  const server = await serve({ cache });
  expect(await askAll(server)).toEqual(expected);
  expect(await askAll(server, "llama/other")).toEqual(ofOther);
  const result = await server.stop();
  expect(result.code).toBe(0);
  expect(await readFile(note, "utf8")).toBe("mine");
});

test("states of another model under the same name are not taken for its own", async () => {
  const cache = await copyOfLeft("other-model");
  const server = await serve({ cache, model: "other.gguf" });
  expect(await askAll(server)).toEqual(ofOther);
  await server.stop();
});

test("a second server on the folder works in memory, says so once, and harms nothing", async () => {
  const cache = await copyOfLeft("shared");
  const first = await serve({ cache });
  expect(await askAll(first)).toEqual(expected);
  const second = await serve({ cache });
  expect(await askAll(second)).toEqual(expected);
  expect(await askAll(second)).toEqual(expected);
  const result = await second.stop();
  expect(warnings(result)).toEqual([
    expect.stringMatching(/entries\.log is used by another server \(process \d+\).*Stop that server/),
    expect.stringMatching(/State stays in memory only: process \d+ owns .*own folder/),
  ]);
  expect(await askAll(first)).toEqual(expected);
  expect(warnings(await first.stop())).toEqual([]);
});

test("kill -9 in the middle of writing leaves nothing that is taken for state", async () => {
  const cache = join(root, "killed");
  for (const [index, question] of QUESTIONS.slice(0, 2).entries()) {
    const server = await serve({ cache });
    // The answer is there before its state is.
    expect(JSON.stringify((await server.ask(question)).content)).toBe(expected[index]);
    await server.stop("SIGKILL");
  }
  const server = await serve({ cache });
  expect(await askAll(server)).toEqual(expected);
  const result = await server.stop();
  expect(result.code).toBe(0);
  expect(warnings(result)).toEqual([]);
  const drafts = (await readdir(cache, { recursive: true })).filter((name) => name.endsWith(".tmp"));
  expect(drafts).toEqual([]);
});

test("files and entries from the future end like others", async () => {
  const cache = await copyOfLeft("future");
  const future = Date.UTC(2099, 0);
  for (const path of await stateFiles(cache)) await utimes(path, future / 1000, future / 1000);
  const path = join(cache, "entries.log");
  const entries = await readFile(path, "utf8");
  await writeFile(path, entries.replaceAll(/"started_at":\d+/g, `"started_at":${future}`));
  const server = await serve({ cache });
  expect((await server.ask(QUESTIONS[0] ?? "")).usage.cache_read_input_tokens).toBeGreaterThan(1000);
  expect(await askAll(server)).toEqual(expected);
  const result = await server.stop();
  expect(result.code).toBe(0);
  expect(await readFile(path, "utf8")).not.toContain(String(future));
});

/** What mounts a file system over the folder of the cache, where this machine allows it. */
function mounting(cache: string, options: string): readonly string[] {
  const script = `mount -t tmpfs -o ${options} tmpfs "$0" && exec "$@"`;
  return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, cache];
}

test.for<readonly [name: string, options: string, cause: RegExp, mend: RegExp]>([
  ["a disk with room for nothing", "size=4k", /The disk is full/, /Free space/],
  ["a disk that gets full", "size=200k", /ENOSPC/, /Free space there, or set a lower limit/],
  ["a folder that is read only", "ro", /EROFS/, /that this user can write to/],
])("%s is named once with its mend, and answers go on", async ([name, options, cause, mend], context) => {
  const cache = join(root, options);
  await mkdir(cache);
  const under = mounting(cache, options);
  const probe = spawnSync(under[0] ?? "", [...under.slice(1), "true"], { encoding: "utf8" });
  if (probe.status !== 0) {
    console.warn(`SKIPPED: ${name} cannot be made here: ${probe.stderr}`);
    return context.skip("no user namespaces");
  }
  const server = await serve({ cache, under });
  for (let round = 0; round < 3; round++) expect(await askAll(server)).toEqual(expected);
  const result = await server.stop();
  expect(result.code).toBe(0);
  const warned = warnings(result);
  expect(warned.length).toBeGreaterThan(0);
  expect(warned.length).toBeLessThanOrEqual(2); // of states, and of entries
  for (const line of warned) expect(line).toMatch(cause);
  for (const line of warned) expect(line).toMatch(mend);
});
