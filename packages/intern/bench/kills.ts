/**
 * Kills working sessions with SIGKILL and resumes them, again and again, until so many kills have been survived: every step
 * must be taken once, and the ledger be that of a session that nobody disturbed. Half of the kills come from outside at any time;
 * the others hit an event before the disk has it, an event that was just shown, or the middle of a tool.
 * `npm run bench:kills [-- --kills 200 --steps 200 --seed 1]`
 */
import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "@ml-intern/testkit";
import { readSession } from "../src/session/session-store.ts";
import type { KillPoint } from "../src/testing/stepping/kill-point.ts";
import type { LifeSign } from "../src/testing/stepping/killed-process.ts";
import { tracesOf } from "../src/testing/stepping/stepping-session.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    steps: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});
const [wanted, steps] = [Number(values.kills), Number(values.steps)];
const random = seededRandom(Number(values.seed));
/** The program as it is built: it starts in a fraction of the time that its sources take. */
const program = new URL("../dist/testing/stepping/killed-process.js", import.meta.url);
/** The longest that a process works before it is killed: milliseconds, events, steps. */
const LONGEST = { outside: 600, taken: 60, shown: 60, effect: 10 };
/** Sessions at a time. */
const LANES = 2;

const WORDS = {
  outside: "at random times",
  taken: "before the disk had an event",
  shown: "right after an event was shown",
  effect: "in the middle of a tool",
};

type Plan = { readonly kind: "outside"; readonly ms: number } | KillPoint;

const kills = { outside: 0, taken: 0, shown: 0, effect: 0 };
const killed = (): number => Object.values(kills).reduce((sum, n) => sum + n, 0);
let [planned, sessions, faults, interrupted, events] = [0, 0, 0, 0, 0];
const home = await mkdtemp(join(tmpdir(), "kills-"));
const begun = performance.now();
try {
  const undisturbed = JSON.stringify(await tracesOf((await untilDone(true)).directory));
  const lane = async (): Promise<void> => {
    while (planned < wanted) {
      const session = await untilDone(false);
      await check(session, undisturbed);
      sessions++;
      const seconds = ((performance.now() - begun) / 1000).toFixed(0);
      console.log(`${killed()} of ${wanted} kills, ${sessions} sessions, ${faults} faults, ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const each = Object.entries(kills).map(([kind, n]) => `${n} ${WORDS[kind as keyof typeof kills]}`);
  console.log(`${killed()} kills: ${each.join(", ")}`);
  console.log(
    `${killed()} resumed, in ${sessions} sessions of ${steps} steps and ${events} events; calls found interrupted: ${interrupted}`,
  );
  console.log(`sessions with something lost, done twice, or another ledger: ${faults}`);
  console.log(`${((performance.now() - begun) / 1000).toFixed(0)} s, load ${loadavg()[0]?.toFixed(1)}`);
  if (faults > 0) process.exitCode = 1;
} finally {
  await rm(home, { recursive: true });
}

interface Done {
  readonly id: string;
  readonly directory: string;
  /** The last event that somebody was shown. */
  readonly shown: number;
}

async function check({ id, directory, shown }: Done, undisturbed: string): Promise<void> {
  const past = (await readSession(home, id))?.events ?? [];
  const isSame = JSON.stringify(await tracesOf(directory)) === undisturbed;
  if (!isSame || past.length < shown) {
    faults++;
    const why = isSame ? `${shown - past.length} events that were shown are lost` : "other traces";
    console.log(`session ${id}: ${why}`);
  }
  events += past.length;
  interrupted += past.filter(
    (event) => event.type === "tool_finished" && event.content.includes("tool/interrupted"),
  ).length;
}

/** One session from its beginning to its end, however many processes that takes. */
async function untilDone(isUndisturbed: boolean): Promise<Done> {
  let done: Done | null = null;
  for (;;) {
    const plan = isUndisturbed || planned >= wanted ? ({ kind: "none" } as const) : nextPlan();
    const life = await live(plan, done?.id ?? null);
    done = { ...life.session, shown: Math.max(done?.shown ?? 0, life.shown) };
    if (life.outcome === null && plan.kind !== "none") kills[plan.kind]++;
    else if (plan.kind !== "none") planned--;
    if (life.outcome === "published") return done;
    if (life.outcome !== null) throw new Error(`session ${done.id} ended with ${life.outcome}`);
  }
}

function nextPlan(): Plan {
  planned++;
  const kind =
    (["outside", "outside", "outside", "taken", "shown", "effect"] as const)[random.below(6)] ?? "outside";
  const most = random.below(LONGEST[kind]);
  return kind === "outside" ? { kind, ms: most } : { kind, nth: most + 1 };
}

interface Life {
  readonly session: { readonly id: string; readonly directory: string };
  readonly shown: number;
  /** Null when it was killed. */
  readonly outcome: string | null;
}

function live(plan: Plan, id: string | null): Promise<Life> {
  return new Promise((resolve, reject) => {
    let session: Life["session"] | null = null;
    let outcome: string | null = null;
    let shown = 0;
    const point: KillPoint = plan.kind === "outside" ? { kind: "none" } : plan;
    const child = fork(program, [home, String(steps), JSON.stringify(point), ...(id === null ? [] : [id])], {
      execArgv: [],
    });
    child.on("message", (sign: LifeSign) => {
      if (sign.kind === "shown") shown = sign.seq;
      else if (sign.kind === "ended") outcome = sign.outcome;
      else {
        session = sign;
        if (plan.kind === "outside") setTimeout(() => child.kill("SIGKILL"), plan.ms);
      }
    });
    child.on("error", reject);
    // Messages that were sent before it died may come after its exit.
    child.on("close", (code) => {
      if (session === null || (outcome === null && code !== null))
        reject(new Error(`the process ended with ${code}`));
      else resolve({ session, shown, outcome });
    });
  });
}
