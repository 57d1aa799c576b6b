import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { LabError } from "../lab-error.ts";
import type { Dataset } from "./dataset.ts";
import { type Database, openDatabase } from "./duckdb.ts";
import { emptyTable, refuseTooFewRows } from "./limits.ts";
import type { Loaded } from "./loaded.ts";
import { openCsv } from "./open-csv.ts";
import { openImages } from "./open-images.ts";
import { openJson, openParquet } from "./open-typed.ts";
import type { DataFormat } from "./report.ts";
import { readHead } from "./text-encoding.ts";

/** From here on a second thread saves more time than it costs memory. */
const largeFile = 20_000_000;

/**
 * Opens a CSV, TSV, JSON, JSONL or Parquet file, or a folder of images with one sub-folder per class.
 * Whatever cannot be read faithfully is a `LabError` that names the cause and the mend.
 * Disposing the dataset removes its temporary files.
 */
export async function openDataset(
  path: string,
  { signal = new AbortController().signal }: { signal?: AbortSignal } = {},
): Promise<Dataset> {
  const place = await findPlace(path);
  const database = await openDatabase({ large: place.bytes > largeFile });
  try {
    const format = place.folder ? "image-folder" : await detectFormat(place.path, path);
    const loaded = await load(place.path, { format, database, signal });
    const [[rows = 0] = []] = await database.query("SELECT count(*) FROM data_0", signal);
    refuseTooFewRows(path, Number(rows));
    return {
      path,
      name: basename(place.path),
      kind: format === "image-folder" ? "images" : "table",
      format,
      sha256: loaded.sha256,
      rows: Number(rows),
      columns: loaded.columns,
      alarms: loaded.alarms,
      query: (sql, options) => database.query(sql, options.signal),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

async function findPlace(path: string): Promise<{ path: string; folder: boolean; bytes: number }> {
  try {
    const real = await realpath(resolve(path));
    const found = await stat(real);
    if (found.isDirectory()) return { path: real, folder: true, bytes: 0 };
    if (!found.isFile()) {
      throw new LabError("data/unreadable", `${path} is neither a file nor a folder.`, {
        mend: "Give the path of a data file.",
      });
    }
    if (found.size === 0) throw emptyTable(path);
    return { path: real, folder: false, bytes: found.size };
  } catch (error) {
    if (error instanceof LabError) throw error;
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new LabError("data/missing_file", `There is no file ${path}.`, {
        mend: `Check the path; it is taken from ${process.cwd()}.`,
        cause: error,
      });
    }
    if (code === "EACCES" || code === "EPERM") {
      throw new LabError("data/unreadable", `${path} may not be read by this user.`, {
        mend: `Allow it, for example: chmod a+r ${path}`,
        cause: error,
      });
    }
    throw error;
  }
}

/** The format by content first and by name second: a name may lie, the first bytes rarely do. */
async function detectFormat(path: string, shown: string): Promise<Exclude<DataFormat, "image-folder">> {
  const head = await readHead(path, 4096);
  if (head.subarray(0, 4).toString("latin1") === "PAR1") return "parquet";
  const extension = extname(path).toLowerCase();
  if (extension === ".parquet" || extension === ".pq") {
    throw new LabError("data/unreadable", `${shown} is named as Parquet but does not begin like it.`, {
      mend: "Write the file again, or give it the name of its real format.",
    });
  }
  const start = head
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (start === "" && head.every((byte) => byte !== 0)) throw emptyTable(shown);
  if (extension === ".jsonl" || extension === ".ndjson") return "jsonl";
  if (extension === ".json") return /^\{[^\n]*\}\s*\n\s*\{/.test(start) ? "jsonl" : "json";
  if (extension === ".tsv" || extension === ".tab") return "tsv";
  if (extension !== ".csv" && /^\[\s*\{/.test(start)) return "json";
  return "csv";
}

async function load(
  path: string,
  { format, database, signal }: { format: DataFormat; database: Database; signal: AbortSignal },
): Promise<Loaded> {
  switch (format) {
    case "csv":
    case "tsv":
      return await openCsv(path, { database, signal });
    case "json":
    case "jsonl":
      return await openJson(path, { database, format, signal });
    case "parquet":
      return await openParquet(path, { database, sha256: await digest(path, signal), signal });
    case "image-folder":
      return await openImages(path, { database, signal });
    default:
      throw new TypeError(`No reader for ${format satisfies never}.`);
  }
}

async function digest(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash, { signal });
  return hash.digest("hex");
}
