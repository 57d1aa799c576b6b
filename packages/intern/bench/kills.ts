/**
 * Kills a working session with SIGKILL at random points and resumes it, again and again: every step must be taken once.
 * `npm run bench:kills [-- --kills 200 --steps 300 --seed 1]`
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom } from "@ml-intern/testkit";
import { readSession } from "../src/session/session-store.ts";
import { tracesOf } from "./endurance/stepping-session.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    steps: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
  },
});
const [wanted, steps] = [Number(values.kills), Number(values.steps)];
const random = seededRandom(Number(values.seed));
/** The longest that a process works before it is killed, in milliseconds. */
const LONGEST_LIFE = 600;

let [kills, sessions, faults, interrupted] = [0, 0, 0, 0];
const home = await mkdtemp(join(tmpdir(), "kills-"));
try {
  while (kills < wanted) {
    const { id, directory } = await oneSession();
    sessions++;
    const { effects, ledger } = await tracesOf(directory);
    const numbers = effects.trim().split("\n").map(Number);
    const inOrder = numbers.length === steps && numbers.every((n, index) => n === index + 1);
    const rows = ledger.filter((body) => JSON.stringify(body).includes("run_")).length;
    if (!inOrder || rows !== Math.floor(steps / 10)) {
      faults++;
      console.log(`session ${id}: ${numbers.length} steps taken, ${rows} rows in the ledger`);
    }
    const past = (await readSession(home, id))?.events ?? [];
    interrupted += past.filter(
      (event) => event.type === "tool_finished" && event.content.includes("tool/interrupted"),
    ).length;
  }
  console.log(
    `${kills} kills in ${sessions} sessions of ${steps} steps; ${kills} resumed; in the middle of a tool: ${interrupted}`,
  );
  console.log(`sessions in which a step or a row was lost or done twice: ${faults}`);
  if (faults > 0) process.exitCode = 1;
} finally {
  await rm(home, { recursive: true });
}

/** One session from its beginning to its end, however often that takes. */
async function oneSession(): Promise<{ readonly id: string; readonly directory: string }> {
  let session: { id: string; directory: string } | null = null;
  for (;;) {
    const life = await live(session?.id ?? null);
    session = life.session ?? session;
    if (life.outcome === "published" && session) return session;
    if (life.outcome !== null) throw new Error(`the session ended with ${life.outcome}`);
  }
}

interface Life {
  readonly session: { readonly id: string; readonly directory: string } | null;
  /** Null when it was killed. */
  readonly outcome: string | null;
}

function live(id: string | null): Promise<Life> {
  return new Promise((resolve, reject) => {
    let session: Life["session"] = null;
    let outcome: string | null = null;
    const child: ChildProcess = fork(
      new URL("endurance/killed-process.ts", import.meta.url),
      [home, String(steps), ...(id === null ? [] : [id])],
      { execArgv: ["--conditions=source", "--import", "tsx"] },
    );
    child.on("message", (message: { id: string; directory: string } | { outcome: string }) => {
      if ("outcome" in message) {
        outcome = message.outcome;
        return;
      }
      session = message;
      if (kills < wanted) setTimeout(() => child.kill("SIGKILL"), random.below(LONGEST_LIFE));
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (outcome === null && code !== null) reject(new Error(`the process ended with ${code}`));
      if (outcome === null) kills++;
      resolve({ session, outcome });
    });
  });
}
