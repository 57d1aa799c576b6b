import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../lab-error.ts";

/** SHA-256 over the sorted list of a folder's files and their digests: what names a model. */
export async function hashFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new LabError("evaluation/no_model", `There is no model in ${folder}.`, {
      mend: "Let the script write OUTPUT_DIR/model/ with predict.py (--input CSV --output CSV) and its weights.",
      cause,
    });
  });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const total = createHash("sha256");
  for (const path of paths) {
    const digest = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    total.update(`${digest}  ${path.slice(folder.length + 1)}\n`);
  }
  return total.digest("hex");
}
