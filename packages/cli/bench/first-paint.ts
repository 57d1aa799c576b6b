// How long the built command takes at a terminal from its start to the first frame, in which the person can write; without
// the look whether set-up is due.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROUNDS = 10;
const BIN = fileURLToPath(new URL("../dist/bin.js", import.meta.url));
const DRIVER = fileURLToPath(new URL("../src/e2e/terminal.py", import.meta.url));
const LEAVE = "\u0003";
const steps = [
  { when: "What should be done?", type: LEAVE },
  { when: "again", type: LEAVE },
];

const home = await mkdtemp(join(tmpdir(), "first-paint-"));
const env = { ...process.env, TERM: "xterm-256color", CI: "false", ML_INTERN_HOME: home };
const times: number[] = [];
// The first one warms the caches of the disk.
for (let round = 0; round <= ROUNDS; round++) {
  const args = [DRIVER, JSON.stringify(steps), process.execPath, BIN];
  const { stdout } = await promisify(execFile)("python3", args, { env });
  const screen = JSON.parse(stdout) as { times: readonly number[]; text: string };
  const [first] = screen.times;
  if (first === undefined) throw new Error(`No frame was shown:\n${screen.text}`);
  if (round > 0) times.push(first);
}
await rm(home, { recursive: true, force: true });
times.sort((a, b) => a - b);
const [least, median, most] = [times[0], times[Math.floor(ROUNDS / 2)], times.at(-1)].map((s) =>
  s?.toFixed(2),
);
process.stdout.write(`first frame of a chat: median ${median} s (${least} to ${most}) of ${ROUNDS}\n`);
