import { expect } from "vitest";
import { ALL_REQUIREMENTS } from "./requirements.ts";

const KNOWN: ReadonlySet<string> = new Set(ALL_REQUIREMENTS.map(({ id }) => id));

/**
 * Stands at the beginning of a test and says which requirements it proves. Ids are written out, so that they can be
 * found in the test's source. The test then fails unless it makes an assertion.
 */
export function verifies(...ids: readonly [string, ...string[]]): void {
  for (const id of ids) {
    if (!KNOWN.has(id)) throw new Error(`There is no requirement ${id}`);
  }
  expect.hasAssertions();
}
