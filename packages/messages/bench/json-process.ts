import { isDeepStrictEqual } from "node:util";
import { SHAPES } from "./documents.ts";
import { type Parse, parsers, READERS } from "./parsers.ts";

// One measurement in a process of its own: node … json-process.ts FOLDER PARSER SHAPE SIZE time|memory
const [folder = "", parser = "", shape = "", size = "", what = ""] = process.argv.slice(2);
const text = SHAPES[shape]?.(Number(size)) ?? "";
const parse = READERS[parser] ?? (await parsers(folder)[parser]?.());
if (!parse || text === "") throw new Error(`There is no parser ${parser} or no shape ${shape}`);
console.log(JSON.stringify(what === "time" ? await timed(parse) : await weighed(parse)));

/** Milliseconds of one pass: the fastest of six, since other work can only add; of one where that is slow. */
async function timed(parse: Parse): Promise<{ milliseconds: number; isRight: boolean }> {
  const times: number[] = [];
  let isRight = true;
  do {
    const begun = performance.now();
    const value = await parse(pieces());
    times.push(performance.now() - begun);
    if (times.length === 1) isRight = isDeepStrictEqual(value, JSON.parse(text));
  } while (times.length < 6 && (times[0] ?? 0) < 2_000);
  return { milliseconds: Math.min(...times), isRight };
}

/** The most live memory (after a collection) at 32 points while the text comes and at its end, over that of the value. */
async function weighed(parse: Parse): Promise<{ multiple: number }> {
  const empty = liveMemory();
  const whole = { value: JSON.parse(text) as unknown };
  const ofValue = liveMemory() - empty;
  whole.value = null;

  const before = liveMemory();
  let most = 0;
  const parsed = { value: await parse(pieces(() => (most = Math.max(most, liveMemory())))) };
  most = Math.max(most, liveMemory());
  if (parsed.value === undefined) throw new Error("There is no value"); // Which also keeps it alive until here.
  return { multiple: (most - before) / ofValue };
}

/** Pieces of four characters. */
function* pieces(look: () => void = () => {}): Generator<string> {
  const step = Math.ceil(text.length / 32 / 4) * 4;
  for (let at = 0; at < text.length; at += 4) {
    yield text.slice(at, at + 4);
    if (at % step === 0) look();
  }
}

function liveMemory(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
