import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, realpath, rm } from "node:fs/promises";
import { extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { moveDurably, writeDurably } from "@ml-intern/durable";
import { csvLine } from "../data/csv-rows.ts";
import type { Dataset } from "../data/dataset.ts";
import { labelSql } from "../data/label-text.ts";
import { toDiskFull } from "../files/disk-full.ts";
import type { CheckedTerms } from "./check-proposal.ts";
import type { SessionFiles } from "./session-files.ts";
import type { Part } from "./split-rows.ts";
import { copyPart, readPart, writeRows } from "./write-rows.ts";

/** What the evaluator has to know about the training rows for its baselines, so that it need not trust the workspace. */
export type TrainSummary =
  | {
      readonly kind: "classes";
      readonly counts: readonly { readonly value: string; readonly count: number }[];
    }
  | { readonly kind: "quantity"; readonly mean: number; readonly median: number };

/** The digests of everything that is kept outside the sandbox. */
export interface SealedDigests {
  readonly validation: string;
  readonly test: string;
  readonly train_summary: string;
}

/**
 * Writes the training rows into the workspace and the others under `lab/sealed`, readable by this user only.
 * Whatever an interrupted attempt has left is removed first.
 */
export async function sealRows(
  dataset: Dataset,
  {
    terms,
    files,
    own,
    signal,
  }: { terms: CheckedTerms; files: SessionFiles; own: (path: string) => Promise<void>; signal: AbortSignal },
): Promise<SealedDigests> {
  try {
    for (const folder of [files.data, files.sealed]) await rm(folder, { recursive: true, force: true });
    await mkdir(files.sealed, { recursive: true, mode: 0o700 });
    await mkdir(files.data, { recursive: true });
    await own(files.data);
    for (const part of ["validation", "test", "train"] as const) {
      const sealed = part !== "train";
      const path = sealed ? join(files.sealed, `${part}.csv`) : files.train;
      const images = sealed ? join(files.sealed, `${part}_images`) : files.images;
      const options = {
        terms,
        part,
        path,
        images,
        own: sealed ? async () => undefined : own,
        mode: sealed ? 0o600 : 0o644,
        signal,
      };
      await (dataset.kind === "images" ? writeImages(dataset, options) : writeTable(dataset, options));
    }
    await writeGroups(dataset, { terms, files, signal });
    await writeDurably(files.summary, `${JSON.stringify(await summarise(dataset, { terms, signal }))}\n`, {
      mode: 0o600,
    });
    return {
      validation: await fileDigest(join(files.sealed, "validation.csv")),
      test: await fileDigest(join(files.sealed, "test.csv")),
      train_summary: await fileDigest(files.summary),
    };
  } catch (error) {
    // Nothing half-written stays: neither in the way of the next attempt nor on a disk that is full.
    for (const folder of [files.data, files.sealed]) await rm(folder, { recursive: true, force: true });
    throw toDiskFull(error, files.sealed);
  }
}

/**
 * Which sealed rows belong together, in a file of its own: the group may be no feature, and the evaluator draws whole
 * groups for its intervals.
 */
async function writeGroups(
  dataset: Dataset,
  { terms, files, signal }: { terms: CheckedTerms; files: SessionFiles; signal: AbortSignal },
): Promise<void> {
  const { kind, column } = terms.split;
  if (kind !== "grouped" || column === null) return;
  const rows = await dataset.query(
    `SELECT s.row_id, CAST(d.${column.id} AS VARCHAR) AS g FROM split s JOIN ${column.table} d ON d.rowid = s.r WHERE s.part <> 'train' ORDER BY 1`,
    { signal },
  );
  const lines = rows.map(([id = null, group = null]) =>
    csvLine([String(id), group === null ? null : String(group)]),
  );
  await writeDurably(join(files.sealed, "groups.csv"), csvLine(["row_id", "group"]) + lines.join(""), {
    mode: 0o600,
  });
}

/** SHA-256 of a file. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

interface WriteOptions {
  terms: CheckedTerms;
  part: Part;
  path: string;
  images: string;
  own: (path: string) => Promise<void>;
  mode: number;
  signal: AbortSignal;
}

async function writeTable(
  dataset: Dataset,
  { terms, part, path, own, mode, signal }: WriteOptions,
): Promise<void> {
  async function* rows(): AsyncGenerator<(string | null)[][]> {
    for await (const block of readPart(dataset, { terms, part, signal })) {
      yield block.map(({ rowId, values }) => [rowId, ...values]);
    }
  }
  const header = ["row_id", ...terms.features.map(({ column }) => column.name), terms.target.name];
  const copy = copyPart(dataset, { terms, part, header, signal });
  if (copy === null) await writeRows(path, { header, rows: rows(), mode });
  else await moveDurably(path, { mode, make: copy });
  await own(path);
}

/** Images are copied under their row's id: no class name is left in a sealed path. */
async function writeImages(
  dataset: Dataset,
  { terms, part, path, images, own, mode, signal }: WriteOptions,
): Promise<void> {
  const source = await realpath(dataset.path);
  await mkdir(images, { recursive: true, mode: mode === 0o600 ? 0o700 : 0o755 });
  await own(images);
  async function* rows(): AsyncGenerator<(string | null)[][]> {
    for await (const block of readPart(dataset, { terms, part, signal })) {
      const copied: (string | null)[][] = [];
      for (const { rowId, values } of block) {
        signal.throwIfAborted();
        const [original, label] = values;
        const name = `${rowId}${extname(original ?? "").toLowerCase()}`;
        await copyFile(join(source, original ?? ""), join(images, name));
        await own(join(images, name));
        copied.push([rowId, `images/${name}`, label ?? null]);
      }
      yield copied;
    }
  }
  await writeRows(path, { header: ["row_id", "file", terms.target.name], rows: rows(), mode });
  await own(path);
}

async function summarise(
  dataset: Dataset,
  { terms, signal }: { terms: CheckedTerms; signal: AbortSignal },
): Promise<TrainSummary> {
  const { target, classes } = terms;
  const from = `FROM split s JOIN ${target.table} d ON d.rowid = s.r WHERE s.part = 'train'`;
  if (classes === null) {
    const [[mean = 0, median = 0] = []] = await dataset.query(
      `SELECT avg(${target.id}), median(${target.id}) ${from}`,
      { signal },
    );
    return { kind: "quantity", mean: Number(mean), median: Number(median) };
  }
  const rows = await dataset.query(
    `SELECT ${labelSql(target)} AS label, count(*) AS n ${from} GROUP BY 1 ORDER BY 2 DESC, 1`,
    { signal },
  );
  return {
    kind: "classes",
    counts: rows.map(([value, count]) => ({ value: String(value), count: Number(count) })),
  };
}
