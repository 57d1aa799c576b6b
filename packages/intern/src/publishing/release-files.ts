import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { ReleaseFile } from "./upload-release.ts";

/** A text file of the release. */
export function textFile(path: string, content: string): ReleaseFile {
  return { path, content: new Blob([content]) };
}

export function jsonFile(path: string, content: unknown): ReleaseFile {
  return textFile(path, `${JSON.stringify(content, null, 2)}\n`);
}

/**
 * The files below a folder of the lab, under `prefix`. The folder was collected without links, so what lies there is
 * plain files.
 */
export async function folderFiles(
  folder: string,
  prefix: string,
  wanted: (path: string) => boolean = () => true,
): Promise<ReleaseFile[]> {
  const root = await realpath(folder).catch(() => null); // a run without this kind of artefact
  if (root === null) return [];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter(wanted)
    .sort();
  return Promise.all(
    paths.map(async (path) => ({
      path: `${prefix}${path}`,
      content: new Blob([await readFile(join(root, path))]),
    })),
  );
}
