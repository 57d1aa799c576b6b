import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Requirements by id, with the test files that say that they prove them. */
export type Proofs = ReadonlyMap<string, readonly string[]>;

/** Reads the test files under a folder for `verifies("…")`. Tests that do not run prove nothing and must not be there. */
export function findProofs(folder: string): Proofs {
  const proofs = new Map<string, string[]>();
  for (const file of testFiles(folder)) {
    const source = readFileSync(file, "utf8");
    const claims = [...source.matchAll(/\bverifies\(([^)]*)\)/g)].flatMap(([, ids = ""]) =>
      [...ids.matchAll(/"([^"]+)"/g)].map(([, id = ""]) => id),
    );
    if (claims.length > 0 && /\b(it|test|describe)\.(skip|todo)\b/.test(source)) {
      throw new Error(`${file} proves requirements and has tests that do not run`);
    }
    for (const id of new Set(claims)) proofs.set(id, [...(proofs.get(id) ?? []), relative(folder, file)]);
  }
  return proofs;
}

function testFiles(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(folder, name))
    .sort();
}
