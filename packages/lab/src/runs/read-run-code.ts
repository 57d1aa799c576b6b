import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunPlace, readRun } from "./read-runs.ts";
import type { CodeFiles } from "./snapshot-code.ts";

export interface CodeFile {
  /** Relative to the workspace in which the code ran. */
  readonly path: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** The code as it was when the run began, whatever happened to the workspace since. */
export async function readRunCode(run: RunPlace): Promise<readonly CodeFile[]> {
  const { id } = await readRun(run);
  const list = await readFile(join(run.labDirectory, "runs", id, "code.json"), "utf8");
  const files = Object.entries(JSON.parse(list) as CodeFiles);
  return Promise.all(
    files.map(async ([path, hash]) => ({
      path,
      content: new Uint8Array(await readFile(join(run.labDirectory, "objects", hash.slice(0, 2), hash))),
    })),
  );
}
