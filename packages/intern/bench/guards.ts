// How well the guards tell sessions that go round in circles from honest ones, and what they cost:
//   npm run bench:guards
import { cpus, loadavg } from "node:os";
import { corpus, hard } from "../corpus/guards/index.ts";
import { GUARDS, measure } from "../corpus/guards/measure.ts";
import type { Transcript } from "../corpus/guards/transcript.ts";
import { Guards } from "../src/guards/guards.ts";

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
const share = (part: number, whole: number): string =>
  whole === 0 ? "–" : `${(part / whole).toFixed(3)} (${part}/${whole})`;
const median = (values: readonly number[]): string =>
  String([...values].sort((a, b) => a - b)[values.length >> 1] ?? "–");

report("written before the guards", corpus);
report("written after them, against them", hard);
report("all", [...corpus, ...hard]);

function report(title: string, transcripts: readonly Transcript[]): void {
  const { loops, caught, caughtByAny, right, wrong, delays, falsePositives, falseNegatives } =
    measure(transcripts);
  const looping = transcripts.filter(({ loops }) => loops.length > 0).length;
  const honest = transcripts.length - looping;
  console.log(`\n## ${title}: ${looping} sessions with ${sum(loops)} loops, ${honest} honest ones\n`);
  const rows = GUARDS.map((guard) => [
    guard,
    share(right[guard], right[guard] + wrong[guard]),
    share(caught[guard], loops[guard]),
    median(delays[guard]),
  ]);
  rows.push(["any", share(sum(right), sum(right) + sum(wrong)), share(caughtByAny, sum(loops)), ""]);
  print(["guard", "precision", "recall", "messages until it speaks, median"], rows);
  list("False positives", falsePositives);
  list("False negatives", falseNegatives);
}

const [load = 0] = loadavg();
console.log(
  `\n${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${load.toFixed(2)}`,
);
print(
  ["a session of 10,000 steps", "processor, µs a step", "heap it adds, MB"],
  [500, 4_000, 20_000].map((size) => [`answers of ${size} characters`, ...cost(size)]),
);

/** Every step says something new, so that nothing can be left out and all memory is used. */
function cost(size: number): string[] {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const guards = new Guards();
  let microseconds = 0;
  for (let step = 0; step < 10_000; step++) {
    const lines = Array.from(
      { length: size / 60 },
      (_, row) => `epoch ${step} batch ${row} loss 0.0123 at 2026-11-23T00:00:00Z, saved`,
    );
    const input = { command: `python train.py --step ${step}` };
    const answers = [
      { name: "bash", input, content: lines.join("\n"), isError: step % 5 === 0, role: "act" },
    ] as const;
    const begun = process.cpuUsage();
    guards.watch(answers);
    const { user, system } = process.cpuUsage(begun);
    microseconds += user + system;
  }
  globalThis.gc?.();
  const added = process.memoryUsage().heapUsed - heap;
  guards.watch([]); // what it remembers must be alive until here
  return [(microseconds / 10_000).toFixed(0), (added / 2 ** 20).toFixed(1)];
}

function list(title: string, lines: readonly string[]): void {
  console.log(`\n${title}: ${lines.length === 0 ? "none" : ""}`);
  for (const line of lines) console.log(`- ${line}`);
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  console.log([line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n"));
}
