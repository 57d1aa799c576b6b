import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { BatchResult, Finding } from "./json-batch.ts";

// Compares the incremental parser with JSON.parse on random documents, whole and broken, cut at random places.
//   npm run fuzz:json -- --pairs 10000000 --seed 1 --workers 2
// What it finds is written to corpus/, which the unit tests replay, and the exit status is 1.

/** A thousand short documents take well under a second: after this long a batch hangs. */
const HANG_MS = 60_000;

const WORKER = fileURLToPath(new URL("json-worker.ts", import.meta.url));

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: "string", default: "10000000" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      workers: { type: "string", default: String(availableParallelism()) },
    },
  });
  const wanted = Number(values.pairs);
  const firstSeed = Number(values.seed);
  const begun = performance.now();
  let nextSeed = firstSeed;
  let documents = 0;
  let pairs = 0;
  let told = 0;
  const findings: Finding[] = [];

  console.log(`seed ${firstSeed}, ${wanted.toLocaleString("en")} pairs of a document and a cut`);
  await Promise.all(
    Array.from({ length: Number(values.workers) }, async () => {
      const worker = fork(WORKER);
      try {
        while (pairs < wanted && findings.length === 0) {
          const result = await runBatch(worker, nextSeed++);
          documents += result.documents;
          pairs += result.pairs;
          if (result.finding) findings.push(result.finding);
          if (pairs - told >= 1_000_000) {
            told = pairs;
            console.log(`${summary()}, no finding yet`);
          }
        }
      } finally {
        worker.kill("SIGKILL");
      }
    }),
  );
  for (const finding of findings) console.log(`${finding.fault}: kept in ${keep(finding)}`);
  console.log(`${summary()}, seeds ${firstSeed} to ${nextSeed - 1}, ${findings.length} findings`);
  process.exitCode = findings.length > 0 ? 1 : 0;

  function summary(): string {
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    return `${documents.toLocaleString("en")} documents, ${pairs.toLocaleString("en")} pairs in ${seconds} s`;
  }
}

/** Rejects when the worker dies or hangs: the seed is all that is needed to see it again. */
function runBatch(worker: ChildProcess, seed: number): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(`hangs for ${HANG_MS / 1000} s`), HANG_MS);
    const fail = (reason: string): void => {
      settle();
      reject(new Error(`The batch with seed ${seed} ${reason}`));
    };
    const succeed = (result: BatchResult): void => {
      settle();
      resolve(result);
    };
    const settle = (): void => {
      clearTimeout(timer);
      worker.off("message", succeed).off("exit", die);
    };
    const die = (code: number | null): void => fail(`ended its process with status ${code}`);
    worker.on("message", succeed).on("exit", die);
    worker.send(seed);
  });
}

function keep({ text, fault }: Finding): string {
  const name = `${createHash("sha256").update(text).digest("hex").slice(0, 12)}.json`;
  const url = new URL(`corpus/${name}`, import.meta.url);
  writeFileSync(url, `${JSON.stringify({ text, found: fault }, null, 2)}\n`);
  return `packages/messages/fuzz/corpus/${name}`;
}
