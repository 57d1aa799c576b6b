import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Writes a data set that ships inside the base Python environment. */
export async function exportData(options: {
  readonly script: "export_docstrings.py" | "export_digit_images.py";
  /** The base environment's interpreter. */
  readonly python: string;
  readonly into: string;
}): Promise<void> {
  const script = fileURLToPath(new URL(`../../python/${options.script}`, import.meta.url));
  await promisify(execFile)(options.python, [script, options.into]);
}
