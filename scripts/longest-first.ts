import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Parts of the paths of files that take longest, the longest first. */
const LONG = [
  "/cli/src/e2e/",
  "recipe-training",
  "real-model",
  "/sandbox/",
  "/memory/",
  "/cache/",
  "/judges/",
  "/lab/",
];

/** Two workers end together when the last files are short ones. What is known of earlier runs decides among the rest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a.moduleId) - rank(b.moduleId));
  }
}

function rank(path: string): number {
  const found = LONG.findIndex((part) => path.includes(part));
  return found < 0 ? LONG.length : found;
}
