// How much of what is secret the redaction of traces finds, how much of what is not it damages, and how fast it is:
//   node --conditions=source --import tsx packages/intern/bench/redaction.ts [SEED]
import { cpus, loadavg } from "node:os";
import { createRedactor } from "../src/traces/redaction/redactor.ts";
import { measureRedaction } from "../src/traces/redaction/testing/measure-redaction.ts";
import { secretCorpus } from "../src/traces/redaction/testing/secret-corpus.ts";

const MEGABYTE = 1_000_000;
const LINE = 10 * MEGABYTE;
const ROUNDS = 5;

const corpus = secretCorpus(Number(process.argv[2] ?? 1));
const { secrets, removed, cleanTexts, untouched, byKind, misses } = measureRedaction(corpus);

for (const miss of misses) console.log(miss);
console.log(`\n| kind | planted | removed |\n| --- | --- | --- |`);
for (const [kind, { wanted, removed: found }] of byKind) console.log(`| ${kind} | ${wanted} | ${found} |`);
console.log(`\nrecall: ${removed} of ${secrets} planted secrets removed (${percent(removed, secrets)})`);
console.log(`look-alikes: ${untouched} of ${cleanTexts} texts untouched`);
console.log(`precision: ${percent(secrets, secrets + cleanTexts - untouched)}\n`);

/** Milliseconds for one line of 10 MB: the median round. */
function time(text: string): number {
  const line = text.repeat(Math.ceil(LINE / text.length)).slice(0, LINE);
  const times = Array.from({ length: ROUNDS }, () => {
    const redactor = createRedactor({ env: corpus.env, homeDirectory: "/home/ann", labelKey: "bench" });
    const started = performance.now();
    redactor.text(line);
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

const lines: Readonly<Record<string, string>> = {
  "text of work, without secrets": `${corpus.clean.join("\n")}\n`,
  "text of which every third line is a secret": `${corpus.planted.map(({ text }) => text).join("\nloss 0.1\nstep 2\n")}\n`,
  base64: "iVBORw0KGgoAAAANSUhEUgAAAKQ8eyJAIzaSy+/AKIAhf_sk-",
  "a word without end": "a",
  "names without end": 'token="',
  "beginnings of JWT": "eyJ",
  "beginnings of private keys": "-----BEGIN PRIVATE KEY-----",
  "beginnings of addresses": "://a:",
  backslashes: "\\",
};
console.log("| one line of 10 MB | ms | MB/s |\n| --- | --- | --- |");
for (const [name, text] of Object.entries(lines)) {
  const ms = time(text);
  console.log(`| ${name} | ${Math.round(ms)} | ${Math.round(LINE / MEGABYTE / (ms / 1000))} |`);
}
const [load = 0] = loadavg();
console.log(
  `\n${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${load.toFixed(1)}`,
);
if (misses.length > 0) process.exitCode = 1;

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(2)} %`;
}
