import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type DataReport, inspectDataset, openDataset, workingFolder } from "@ml-intern/lab";
import type { Workbench } from "../workbench/workbench.ts";
import { readWorkspaceBytes } from "../workbench/workspace-files.ts";

/** It is held in memory on its way. */
const LARGEST = 256 * 1024 ** 2;

/**
 * The report of a data file in the workspace (CSV, JSON, JSONL, Parquet), such as one that was downloaded. It is copied out first:
 * whatever the sandbox does to it meanwhile, no link leads the host anywhere else.
 */
export async function inspectWorkspaceFile(options: {
  readonly path: string;
  readonly task: string;
  readonly target: string | null;
  readonly workbench: Workbench;
  readonly signal: AbortSignal;
}): Promise<DataReport> {
  const { path, task, target, workbench, signal } = options;
  const bytes = await readWorkspaceBytes({ workbench, path, maxBytes: LARGEST, signal });
  await using place = await workingFolder();
  const copy = join(place.path, basename(path));
  await writeFile(copy, bytes);
  await using dataset = await openDataset(copy, { signal });
  const report = await inspectDataset(dataset, { task, ...(target === null ? {} : { target }), signal });
  return { ...report, path };
}
