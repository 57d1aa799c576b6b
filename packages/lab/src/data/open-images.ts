import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toDiskFull } from "../files/disk-full.ts";
import { csvLine } from "./csv-rows.ts";
import { type Database, sqlText } from "./duckdb.ts";
import { listImages } from "./image-files.ts";
import type { Loaded } from "./loaded.ts";
import type { Alarm } from "./report.ts";

/** Loads a folder of images by class as the table `file, label`; the digests lie beside it as `images.digest`. */
export async function openImages(
  path: string,
  { database, signal }: { database: Database; signal: AbortSignal },
): Promise<Loaded> {
  const { images, damaged, presplit } = await listImages(path, { signal });
  const list = join(database.directory, "images.csv");
  try {
    await writeFile(list, images.map(({ file, label, sha256 }) => csvLine([file, label, sha256])).join(""));
  } catch (error) {
    throw toDiskFull(error, list);
  }
  const types = "{'c0': 'VARCHAR', 'c1': 'VARCHAR', 'digest': 'VARCHAR'}";
  await database.query(
    `CREATE TABLE data_0 AS SELECT * FROM read_csv(${sqlText(list)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', columns = ${types})`,
    signal,
  );
  const hash = createHash("sha256");
  for (const { file, sha256 } of images) hash.update(`${file}\0${sha256}\n`);
  return {
    sha256: hash.digest("hex"),
    columns: [
      { id: "c0", table: "data_0", name: "file", type: "VARCHAR" },
      { id: "c1", table: "data_0", name: "label", type: "VARCHAR" },
    ],
    alarms: imageAlarms(damaged, presplit),
  };
}

function imageAlarms(damaged: readonly string[], presplit: boolean): Alarm[] {
  const alarms: Alarm[] = [];
  if (damaged.length > 0) {
    const shown = damaged.slice(0, 5).join(", ");
    const message = `${damaged.length === 1 ? "1 file is no image, or only a part of one, and is" : `${damaged.length} files are no images, or only parts of some, and are`} left out: ${shown}${damaged.length > 5 ? ", …" : ""}.`;
    alarms.push({ kind: "images", severity: "warn", columns: ["file"], message });
  }
  if (presplit) {
    const message =
      "The folder was divided into train and test already; all images are taken together and divided anew, so that the test is sealed.";
    alarms.push({ kind: "images", severity: "info", columns: ["file"], message });
  }
  return alarms;
}
