import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { expect, it } from "vitest";

/** What a browser has that JavaScript itself has not, as far as this package needs it. Nothing of Node is there. */
const WEB = { TextDecoder, TextEncoder };

const PROGRAM = `(async () => {
  async function* body() {
    yield new TextEncoder().encode('event: a\\ndata: {"path":');
    yield new TextEncoder().encode('"😀"}\\n\\n');
  }
  const seen = [];
  for await (const { data } of messages.decodeSse(body())) {
    const stream = new messages.JsonStream({ events: true });
    seen.push(...stream.push(data).map(({ type }) => type), stream.value);
  }
  seen.push(messages.encodeSse({ type: "ping" }), messages.apiErrorType(529));
  seen.push(messages.foldEvent(messages.EMPTY_PROGRESS, { type: "ping" }).message);
  try {
    new messages.JsonStream().push("?");
  } catch (error) {
    seen.push(error instanceof messages.JsonStreamError);
  }
  return JSON.stringify([typeof process, typeof require, typeof Buffer, ...seen]);
})()`;

it("the whole package is built for a browser and works where there is nothing of Node", async () => {
  const fromTsx = createRequire(createRequire(import.meta.url).resolve("tsx"));
  const { buildSync } = fromTsx("esbuild") as typeof import("esbuild");
  // For a browser an import of anything of Node's is an error here.
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL("index.ts", import.meta.url))],
    bundle: true,
    platform: "browser",
    format: "iife",
    globalName: "messages",
    target: "es2023",
    write: false,
  });
  const page = createContext({ ...WEB });
  runInContext(outputFiles[0]!.text, page);
  expect(JSON.parse((await runInContext(PROGRAM, page)) as string)).toEqual([
    "undefined",
    "undefined",
    "undefined",
    "text",
    "value",
    "value",
    { path: "😀" },
    'event: ping\ndata: {"type":"ping"}\n\n',
    "overloaded_error",
    null,
    true,
  ]);
});
