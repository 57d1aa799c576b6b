import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";

/** What a browser has that JavaScript itself has not, as far as this package needs it. Nothing of Node is there. */
const WEB = { TextDecoder, TextEncoder };
const PACKAGE = fileURLToPath(new URL("index.ts", import.meta.url));
const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

const fromTsx = createRequire(createRequire(import.meta.url).resolve("tsx"));
const { buildSync } = fromTsx("esbuild") as typeof import("esbuild");

/** Runs the program as a page would, and returns what it logged, as JSON. For a browser an import of Node's is an error. */
async function logged(program: string): Promise<string[]> {
  const { outputFiles } = buildSync({
    stdin: { contents: program, loader: "ts", resolveDir: "/" },
    alias: { "@ml-intern/messages": PACKAGE },
    bundle: true,
    platform: "browser",
    format: "iife",
    target: "es2023",
    logLevel: "silent",
    write: false,
  });
  const lines: string[] = [];
  const console = { log: (value: unknown): void => void lines.push(JSON.stringify(value)) };
  runInContext(outputFiles[0]!.text, createContext({ ...WEB, console }));
  await new Promise((resolve) => setImmediate(resolve)); // What the program awaits is settled by then.
  return lines;
}

describe("bundled for a browser and run where there is nothing of Node", () => {
  it("the whole package works", async () => {
    const lines = await logged(`
      import * as messages from "@ml-intern/messages";
      console.log([typeof process, typeof setImmediate, typeof Buffer]);
      async function* body() {
        yield new TextEncoder().encode('event: a\\ndata: {"path":');
        yield new TextEncoder().encode('"😀"}\\n\\n');
      }
      (async () => {
        for await (const { data } of messages.decodeSse(body())) console.log(data);
        console.log(Object.keys(messages).length);
      })();
      console.log(messages.encodeSse({ type: "ping" }));
      console.log(messages.apiErrorType(529));
    `);
    expect(lines.slice(0, 3).map((line) => JSON.parse(line) as unknown)).toEqual([
      ["undefined", "undefined", "undefined"],
      'event: ping\ndata: {"type":"ping"}\n\n',
      "overloaded_error",
    ]);
    expect(JSON.parse(lines[3]!)).toBe('{"path":"😀"}');
    expect(Number(lines[4])).toBeGreaterThan(10);
  });

  const examples = [...README.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, example = ""]) => example);

  it.each(examples)("the example of the README prints what it says: %#", async (example) => {
    const said = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].flatMap(([, line = ""]) =>
      line.split(" then "),
    );
    expect(said.length).toBeGreaterThan(0);
    expect((await logged(example)).sort()).toEqual(said.sort());
  });

  it("an import of anything of Node's is an error", async () => {
    await expect(
      logged('import { readFileSync } from "node:fs"; console.log(readFileSync);'),
    ).rejects.toThrow("node:fs");
  });
});
