/**
 * Sends mutated requests through the gateway and looks at every answer: no crash, no hang, no wrong status, the same
 * verdict as a second opinion. What fails is written to `corpus/`, where a unit test replays it.
 *
 *   npm run fuzz:requests -- [count] [seed]
 */
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { seededRandom } from "@ml-intern/testkit";
import { corpusText } from "../src/validation/fuzz/corpus.ts";
import { fuzzTarget } from "../src/validation/fuzz/fuzz-case.ts";
import { generateCase } from "../src/validation/fuzz/generate-case.ts";

const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const target = fuzzTarget();
const random = seededRandom(seed);
const found = new Map<string, number>();
let slowest = 0;
const started = performance.now();

for (let index = 0; index < count; index++) {
  const fuzzCase = generateCase(random);
  const before = performance.now();
  const fault = await target.check(fuzzCase).catch((error: unknown) => `threw ${String(error)}`);
  slowest = Math.max(slowest, performance.now() - before);
  if (fault === null) continue;
  const kind = fault.replaceAll(/\d+/g, "N").slice(0, 80);
  found.set(kind, (found.get(kind) ?? 0) + 1);
  if (found.get(kind) !== 1) continue;
  const text = corpusText(fuzzCase, fault);
  const name = createHash("sha256").update(text).digest("hex").slice(0, 12);
  writeFileSync(new URL(`corpus/${name}.json`, import.meta.url), text);
  console.log(`corpus/${name}.json: a request ${fault}`);
}

const seconds = (performance.now() - started) / 1000;
const statuses = [...target.statuses]
  .sort(([a], [b]) => a - b)
  .map(([status, times]) => `${times} × ${status}`);
const faults = [...found.values()].reduce((sum, times) => sum + times, 0);
console.log(
  `${count} requests (seed ${seed}) in ${seconds.toFixed(1)} s: ${statuses.join(", ")}; slowest ${slowest.toFixed(0)} ms; ${faults} faults of ${found.size} kinds`,
);
process.exitCode = faults === 0 ? 0 : 1;
