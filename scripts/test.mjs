// All set-up, then all tests: what `npm test` and CI run. Ends with one line: N passed, N failed, N skipped.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setUp } from "./setup.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" }).status ?? 1;

setUp();
process.env.ML_INTERN_TEST_BUILT = "1"; // processes that tests start run what was just built
const failures = [];
if (node("bin/ml-intern.mjs", "setup") !== 0) failures.push("the set-up of Python and the sandbox failed");
if (node("node_modules/@biomejs/biome/bin/biome", "check", ".") !== 0)
  failures.push("the linter found something");

const folder = mkdtempSync(join(tmpdir(), "ml-intern-tests-"));
const report = join(folder, "report.json");
const status = node(
  "node_modules/vitest/vitest.mjs",
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
);
const counts = readReport(report);
rmSync(folder, { recursive: true, force: true });
if (status !== 0 && counts.failed === 0) failures.push("the test runner failed");

for (const failure of failures) process.stdout.write(`FAILED: ${failure}\n`);
const failed = counts.failed + failures.length;
process.stdout.write(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
process.exit(failed === 0 && counts.passed > 0 ? 0 : 1);

function readReport(path) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(path, "utf8"),
    );
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }; // the runner died before it could report: `status` tells
  }
}
