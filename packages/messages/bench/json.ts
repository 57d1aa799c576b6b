import { execFile } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
// @ts-expect-error A plain script, without types.
import { installPeers } from "../../../scripts/bench/install-peers.mjs";
import { SHAPES } from "./documents.ts";
import { FLOOR, OURS, PEERS, parsers, READERS } from "./parsers.ts";

// Incremental JSON: pieces of four characters, the partial value read after each of them.
//   npm run bench:json [-- --quick]      (quick: ours and JSON.parse only)
const LIMIT_MS = 25_000;
const TOO_LONG = "> 25,000";
const SIZES = { "1 KB": 2 ** 10, "100 KB": 100 * 2 ** 10, "1 MB": 2 ** 20 };
/** Enough that what the engine itself needs does not count. */
const WEIGHED = 4 * 2 ** 20;
const PROCESS = fileURLToPath(new URL("json-process.ts", import.meta.url));
const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const isQuick = values.quick;
const folder: string = isQuick ? "" : installPeers(PEERS).folder;

console.log(
  `${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(2)}`,
);
console.log(
  "Pieces of four characters, the partial value read after each; milliseconds for the text, fastest of six.",
);
console.log("Memory: the most that is live while the text comes, over that of JSON.parse's value.\n");
await comparePeers();
await tryShapes();
await tryReaders();

async function comparePeers(): Promise<void> {
  const shapes = ["one big string", "many small objects"];
  console.log(
    head(["", ...shapes.flatMap((shape) => Object.keys(SIZES).map((size) => `${shape}, ${size}`)), "memory"]),
  );
  for (const parser of Object.keys(parsers(folder))) {
    if (isQuick && parser !== OURS && parser !== FLOOR) continue;
    const cells: string[] = [];
    const memory: string[] = [];
    for (const shape of shapes) {
      let milliseconds = "";
      for (const size of Object.values(SIZES)) {
        // What took too long for less text would for more.
        if (milliseconds !== TOO_LONG) milliseconds = await time({ parser, shape, size });
        cells.push(milliseconds);
      }
      const isMeasurable = milliseconds !== TOO_LONG && parser !== FLOOR;
      memory.push(isMeasurable ? await weigh({ parser, shape, size: WEIGHED }) : "–");
    }
    console.log(row([parser, ...cells, memory.join(" and ")]));
  }
}

async function tryShapes(): Promise<void> {
  console.log(`\n${head(["1 MB of", OURS, FLOOR, "memory"])}`);
  for (const shape of Object.keys(SHAPES)) {
    const size = SIZES["1 MB"];
    console.log(
      row([
        shape,
        await time({ parser: OURS, shape, size }),
        await time({ parser: FLOOR, shape, size }),
        await weigh({ parser: OURS, shape, size: WEIGHED }),
      ]),
    );
  }
}

async function tryReaders(): Promise<void> {
  console.log(`\n${head([`${OURS} on one big string, reading`, ...Object.keys(SIZES)])}`);
  for (const parser of Object.keys(READERS)) {
    const cells: string[] = [];
    for (const size of Object.values(SIZES))
      cells.push(await time({ parser, shape: "one big string", size }));
    console.log(row([parser, ...cells]));
  }
}

interface Measurement {
  readonly parser: string;
  readonly shape: string;
  readonly size: number;
}

async function time(measurement: Measurement): Promise<string> {
  const result = await measure<{ milliseconds: number; isRight: boolean }>(measurement, "time");
  if (result === null) return TOO_LONG;
  if (!result.isRight) return "wrong";
  return result.milliseconds < 10 ? result.milliseconds.toFixed(1) : String(Math.round(result.milliseconds));
}

async function weigh(measurement: Measurement): Promise<string> {
  const result = await measure<{ multiple: number }>(measurement, "memory");
  return result === null ? "–" : `${result.multiple.toFixed(1)} x`;
}

/** Null when it took too long and was stopped. A slow parser runs once, a fast one a few times, all within the limit. */
function measure<Result>(
  { parser, shape, size }: Measurement,
  what: "time" | "memory",
): Promise<Result | null> {
  const args = ["--expose-gc", ...process.execArgv, PROCESS, folder, parser, shape, String(size), what];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { timeout: LIMIT_MS, killSignal: "SIGKILL" }, (error, stdout) => {
      if (error?.killed) resolve(null);
      else if (error) reject(error);
      else resolve(JSON.parse(stdout) as Result);
    });
  });
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function head(cells: readonly string[]): string {
  return `${row(cells)}\n${row(cells.map(() => "---"))}`;
}
