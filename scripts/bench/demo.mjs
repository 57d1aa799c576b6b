// Fresh clone to published model, then a second run, as a newcomer does it: prints the figures of docs/measurements.md.
// Uses a clone and a data home of its own in a temporary folder; needs the package registries.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const place = mkdtempSync(join(tmpdir(), "ml-intern-bench-"));
try {
  const begun = performance.now();
  execFileSync("git", ["clone", "--quiet", root, join(place, "clone")]);
  const cloned = performance.now();
  const first = await demo();
  const fresh = (performance.now() - begun) / 1000;
  const second = await demo();
  process.stdout.write(
    [
      `machine                          ${cpus().length} x ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`,
      `fresh clone to published model   ${fresh.toFixed(1)} s (clone ${((cloned - begun) / 1000).toFixed(1)} s)`,
      `second run                       ${second.seconds.toFixed(1)} s, working after ${second.working.toFixed(1)} s`,
      `verified accuracy                ${first.accuracy} and ${second.accuracy}`,
      `where the second run's time went model ${share(second.turn.model_ms)}, sandboxes ${share(second.turn.sandbox_ms)}, the intern itself ${share(second.turn.elapsed_ms - second.turn.model_ms - second.turn.sandbox_ms)}`,
      `peak memory of the intern        ${first.rss} MB and ${second.rss} MB`,
      "",
    ].join("\n"),
  );
  function share(ms) {
    return `${(ms / 1000).toFixed(1)} s (${((100 * ms) / second.turn.elapsed_ms).toFixed(1)} %)`;
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** One `npm run demo -- --json`; memory is the high-water mark of the process that works, as the kernel counts it. */
function demo() {
  const begun = performance.now();
  const child = spawn("npm", ["run", "--silent", "demo", "--", "--json"], {
    cwd: join(place, "clone"),
    env: { ...process.env, ML_INTERN_HOME: join(place, "home") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let working = null;
  let accuracy = null;
  let turn = null;
  let rss = 0;
  const watch = setInterval(() => {
    rss = Math.max(rss, memoryOf(child.pid));
  }, 50);
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    working ??= (performance.now() - begun) / 1000;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.filter((line) => line.startsWith("{"))) {
      const event = JSON.parse(line);
      if (event.type === "turn_finished") turn = event;
      if (event.type === "recorded" && event.kind === "evaluation") {
        accuracy = event.body.scores.find(({ set }) => set === "test")?.value ?? accuracy;
      }
    }
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      clearInterval(watch);
      const seconds = (performance.now() - begun) / 1000;
      if (code === 0) resolve({ seconds, working, accuracy, turn, rss: Math.round(rss / 1024) });
      else reject(new Error(`the demo ended with ${code}: ${JSON.stringify(turn?.cause)}`));
    });
  });
}

/** VmHWM in KiB of the node process below npm that runs `bin/ml-intern.mjs`. */
function memoryOf(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean);
    const own = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("ml-intern.mjs")
      ? Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0)
      : 0;
    return Math.max(own, ...children.map(memoryOf));
  } catch {
    return 0; // ended meanwhile
  }
}
