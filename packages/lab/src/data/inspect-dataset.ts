import type { Dataset } from "./dataset.ts";
import type { DataReport } from "./report.ts";

/** Describes and audits a dataset. The report is bounded in size and the same for the same data and options. */
export async function inspectDataset(
  _dataset: Dataset,
  _options: { target?: string; task?: string; signal?: AbortSignal } = {},
): Promise<DataReport> {
  throw new Error("not written yet");
}
