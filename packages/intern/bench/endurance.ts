/**
 * A session that outgrows the model's window again and again, against a short one: the same ledger in the end, and what the
 * loop itself costs for each step. `npm run bench:endurance [-- --steps 300]`
 */
import { mkdtemp, rm } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { SessionEvent } from "../src/session/session-event.ts";
import { readSession } from "../src/session/session-store.ts";
import { tracesOf, workOnSteps } from "../src/testing/stepping/stepping-session.ts";

const { values } = parseArgs({ options: { steps: { type: "string", default: "300" } } });
const steps = Number(values.steps);

interface Step {
  readonly tokens: number;
  readonly ms: number;
  readonly rss: number;
}

const home = await mkdtemp(join(tmpdir(), "endurance-"));
try {
  const long = await run({ resultCharacters: 9_000 });
  const short = await run({ resultCharacters: 20 });
  const [a, b] = [await tracesOf(long.directory), await tracesOf(short.directory)];
  const same = JSON.stringify(a.ledger) === JSON.stringify(b.ledger) && a.effects === b.effects;
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(2)}`,
  );
  console.log(
    `${steps} steps in ${long.iterations} model calls; ${long.tokens.toLocaleString("en")} tokens in all, ` +
      `shortened ${long.compactions} times (short session: ${short.compactions}); outcome ${long.outcome}`,
  );
  console.log(`the same ledger and effects as the short session: ${same ? "yes" : "NO"}`);
  console.log("| model calls | context, tokens | own time, median ms | p99 ms | RSS, MB |");
  console.log("| --- | --- | --- | --- | --- |");
  for (const row of curve(long.curve)) console.log(row);
  const [first = 0, last = 0] = [long.curve.slice(0, 50), long.curve.slice(-50)].map((part) =>
    median(part.map(({ ms }) => ms)),
  );
  console.log(
    `own time of a model call: ${first.toFixed(2)} ms among the first 50, ${last.toFixed(2)} ms among the last 50 (wanted 5)`,
  );
  const begun = performance.now();
  const read = await readSession(home, long.id);
  console.log(
    `reading a session of ${read?.events.length} events: ${(performance.now() - begun).toFixed(0)} ms`,
  );
  if (!same || long.compactions < 3) process.exitCode = 1;
} finally {
  await rm(home, { recursive: true });
}

async function run({ resultCharacters }: { readonly resultCharacters: number }) {
  const curve: Step[] = [];
  let [id, directory, compactions, iterations, tokens] = ["", "", 0, 0, 0];
  let mark = { at: performance.now(), others: 0 };
  const others = { model: 0, tool: 0 };
  const { outcome } = await workOnSteps({
    ...{ home, id: null, steps, resultCharacters, lingerMs: 0 },
    onSession: (session) => {
      id = session.state.id;
      directory = session.paths.directory;
      session.subscribe((event: SessionEvent) => {
        if (event.type === "compacted") compactions++;
        if (event.type === "assistant_message") tokens += event.message.usage.output_tokens;
        if (event.type !== "iteration_started") return;
        iterations++;
        const now = performance.now();
        const spent = others.model + others.tool;
        curve.push({
          tokens: session.state.size.tokens + session.state.size.characters / 3,
          ms: now - mark.at - (spent - mark.others),
          rss: process.memoryUsage.rss() / 1e6,
        });
        mark = { at: now, others: spent };
      });
    },
    onSpent: (kind, ms) => {
      others[kind] += ms;
    },
  });
  return { id, directory, compactions, iterations, tokens, outcome, curve };
}

/** Ten rows over the whole session. */
function curve(all: readonly Step[]): readonly string[] {
  const size = Math.ceil(all.length / 10);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => {
    const part = all.slice(index * size, (index + 1) * size);
    const times = part.map(({ ms }) => ms).sort((a, b) => a - b);
    const tokens = median(part.map((step) => step.tokens));
    const p99 = times[Math.ceil(times.length * 0.99) - 1] ?? 0;
    const cells = [index * size + 1, Math.round(tokens), median(times).toFixed(2), p99.toFixed(1)];
    return `| from ${cells.join(" | ")} | ${median(part.map(({ rss }) => rss)).toFixed(0)} |`;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
