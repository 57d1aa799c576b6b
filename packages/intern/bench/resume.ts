/**
 * Resumes a session with a long log: from opening it to the first request about to leave. The session is a real one of steps with
 * long results, compactions and a snapshot after each step, stopped in the middle.
 * `npm run bench:resume [-- --events 10000 --rounds 5]`
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sessionPaths } from "../src/session/session-store.ts";
import type { Resumed } from "../src/testing/stepping/resumed-process.ts";
import { workOnSteps } from "../src/testing/stepping/stepping-session.ts";

const { values } = parseArgs({
  options: { events: { type: "string", default: "10000" }, rounds: { type: "string", default: "5" } },
});
const WANTED_MS = 1_000;
/** The program as it is built, as a person starts it. */
const program = new URL("../dist/testing/stepping/resumed-process.js", import.meta.url);

const home = await mkdtemp(join(tmpdir(), "resume-"));
try {
  const { id, compactions, snapshots, events } = await longSession(Number(values.events));
  const { size } = await stat(sessionPaths(home, id).events);
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(2)}`,
  );
  console.log(
    `${events} events, ${(size / 1e6).toFixed(1)} MB, shortened ${compactions} times, ${snapshots} states of the workspace`,
  );
  const rounds: Resumed[] = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await resume(id));
  const ready = rounds.map((each) => each.ready).sort((a, b) => a - b);
  for (const each of rounds) {
    console.log(
      `open after ${each.open.toFixed(0)} ms, ready for a request of ${(each.requestBytes / 1e3).toFixed(0)} kB after ${each.ready.toFixed(0)} ms, ${(each.rss / 1e6).toFixed(0)} MB`,
    );
  }
  const [median = 0, slowest = 0] = [ready[Math.floor(ready.length / 2)], ready.at(-1)];
  console.log(
    `from opening to the first request: median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms (wanted ${WANTED_MS})`,
  );
  if (median > WANTED_MS) process.exitCode = 1;
} finally {
  await rm(home, { recursive: true });
}

/** Works until there are so many events, and stops there as a person would. */
async function longSession(wanted: number) {
  const controller = new AbortController();
  const made = { id: "", compactions: 0, snapshots: 0, events: 0 };
  await workOnSteps({
    ...{ home, id: null, steps: wanted, resultCharacters: 9_000, lingerMs: 0, files: 40 },
    signal: controller.signal,
    onSession: (session) => {
      made.id = session.state.id;
      session.follow((event) => {
        made.events = event.seq;
        if (event.type === "compacted") made.compactions++;
        if (event.type === "workspace_saved") made.snapshots++;
        if (event.seq === wanted - 1) controller.abort();
      });
    },
  });
  return made;
}

async function resume(id: string): Promise<Resumed> {
  const child = fork(program, [home, id], { execArgv: [] });
  const [[resumed]] = (await Promise.all([once(child, "message"), once(child, "exit")])) as [
    [Resumed],
    unknown,
  ];
  return resumed;
}
