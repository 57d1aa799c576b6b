// Everything that a fresh clone needs before it can run: npm packages and the build. Plain Node, no dependencies.
// Idempotent: what is there and current is left alone. The Python side is set up by the program itself.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = [20, 19];

/** Installs and builds what is missing or stale; says what it does on standard error; exits with 5 when it cannot. */
export function setUp() {
  checkNode();
  installPackages();
  build();
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  fail(`Node ${process.versions.node} is too old.`, `Install Node ${OLDEST_NODE.join(".")} or newer.`);
}

function installPackages() {
  const stamp = join(root, "node_modules", ".ml-intern-installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .update(`${process.platform} ${process.arch} ${process.versions.modules}`)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing the npm packages (once) …");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cause: "The npm packages could not be installed.",
    mend: "Check that the npm registry can be reached (npm ping) and that the disk has 1 GB free; then run this again.",
  });
  writeFileSync(stamp, wanted);
}

function build() {
  const stamp = join(root, "node_modules", ".ml-intern-built");
  const newest = newestSource(join(root, "packages"));
  if (
    existsSync(stamp) &&
    statSync(stamp).mtimeMs > newest &&
    existsSync(join(root, "packages/cli/dist/main.js"))
  )
    return;
  say("Building …");
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b"], {
    cause: "The build failed.",
    mend: "If you changed the code, mend the errors above; otherwise delete packages/*/dist and run this again.",
  });
  writeFileSync(stamp, "");
}

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "dist" || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestSource(path));
    else if (/\.(ts|json)$/.test(entry.name)) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

function run(command, args, { cause, mend }) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) fail(error ? `${cause} (${error.message})` : cause, mend);
}

function say(text) {
  process.stderr.write(`ml-intern set-up: ${text}\n`);
}

function fail(cause, mend) {
  process.stderr.write(`ml-intern set-up: ${cause}\n  ${mend}\n`);
  process.exit(5);
}
