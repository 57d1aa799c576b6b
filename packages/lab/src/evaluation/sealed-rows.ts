import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import type { Contract } from "../contract/contract.ts";
import type { TrainSummary } from "../contract/seal-rows.ts";
import { csvLine, csvRows } from "../data/csv-rows.ts";
import type { PredictionInput } from "./evaluate-submission.ts";
import type { SealedSet } from "./score.ts";

/** The labels of a sealed set, in the order of its file. */
export interface SealedLabels {
  readonly rowIds: readonly string[];
  readonly labels: readonly string[];
}

export async function readSealedLabels(options: {
  readonly labDirectory: string;
  readonly contract: Contract;
  readonly set: SealedSet;
}): Promise<SealedLabels> {
  const { labDirectory, contract, set } = options;
  return readLabels(join(labDirectory, "sealed", `${set}.csv`), contract.target);
}

/** What the training labels look like, from the lab's own file: the workspace's could have been changed since. */
export async function readTrainSummary(labDirectory: string): Promise<TrainSummary> {
  // Written when the rows were sealed, in a folder that only the host can write.
  return JSON.parse(
    await readFile(join(labDirectory, "sealed", "train_summary.json"), "utf8"),
  ) as TrainSummary;
}

/**
 * The group of each sealed row as a number from 0, in the order of the sealed file; null when the split is not grouped.
 * A row without a group is one of its own.
 */
export async function readSealedGroups(options: {
  readonly labDirectory: string;
  readonly contract: Contract;
  readonly set: SealedSet;
}): Promise<Int32Array | null> {
  const { labDirectory, contract } = options;
  if (contract.split.kind !== "grouped") return null;
  const text = await readFile(join(labDirectory, "sealed", "groups.csv"), "utf8");
  const groupOf = new Map(
    [...csvRows(text)].slice(1).map(({ fields: [id = "", group = ""] }) => [id, group]),
  );
  const numbers = new Map<string, number>();
  const { rowIds } = await readSealedLabels(options);
  return Int32Array.from(rowIds, (id) => {
    const group = groupOf.get(id) ?? "";
    const key = group === "" ? `row ${id}` : `group ${group}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

async function readLabels(path: string, target: string): Promise<SealedLabels> {
  const rows = csvRows(await readFile(path, "utf8"));
  const head = rows.next().value?.fields ?? [];
  const id = head.indexOf("row_id");
  const label = head.indexOf(target);
  const rowIds: string[] = [];
  const labels: string[] = [];
  for (const { fields } of rows) {
    rowIds.push(fields[id] ?? "");
    labels.push(fields[label] ?? "");
  }
  return { rowIds, labels };
}

/** Writes the rows of a set without their labels, once, and says where they are. */
export async function unlabelledRows(options: {
  readonly labDirectory: string;
  readonly contract: Contract;
  readonly set: SealedSet;
}): Promise<PredictionInput> {
  const { labDirectory, contract, set } = options;
  const csv = join(labDirectory, "evaluations", `${set}-input.csv`);
  const images =
    contract.data.kind === "images" ? { images: join(labDirectory, "sealed", `${set}_images`) } : {};
  const sealed = await readFile(join(labDirectory, "sealed", `${set}.csv`), "utf8");
  const rows = csvRows(sealed);
  const head = rows.next().value?.fields ?? [];
  const label = head.indexOf(contract.target);
  const without = (fields: readonly string[]): string =>
    csvLine(fields.filter((_, index) => index !== label));
  const lines = [without(head)];
  for (const { fields } of rows) lines.push(without(fields));
  await writeDurably(csv, lines.join(""), { mode: 0o600 });
  return { csv, ...images };
}
