import { execFile } from "node:child_process";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";
import { DocumentationError } from "../documentation-error.ts";
import { LONGEST_PAGE_BYTES, type ReadPage } from "./source.ts";

/**
 * The Markdown below a folder. Folders that begin with a dot and `node_modules` are left out, and links that lead out of the
 * folder are not followed; what cannot be read is told as failed.
 */
export async function folderPages(options: {
  readonly path: string;
  readonly now: number;
  readonly signal: AbortSignal;
}): Promise<{
  readonly pages: readonly ReadPage[];
  readonly failed: readonly { readonly path: string; readonly why: string }[];
}> {
  const { now, signal } = options;
  const root = await realpath(resolve(options.path)).catch(() => null);
  if (root === null || !(await stat(root)).isDirectory()) {
    throw new DocumentationError("docs/not_a_folder", `${options.path} is no folder that can be read.`, {
      mend: "Give the path of a folder with Markdown in it.",
    });
  }
  const pages: ReadPage[] = [];
  const failed: { path: string; why: string }[] = [];
  for await (const file of markdownFiles(root, signal)) {
    const path = relative(root, file).split(sep).join("/");
    try {
      const target = await realpath(file);
      if (target !== file && !target.startsWith(`${root}${sep}`)) continue;
      if ((await stat(target)).size > LONGEST_PAGE_BYTES) {
        failed.push({ path, why: `It is longer than ${LONGEST_PAGE_BYTES / 1024 / 1024} MiB.` });
        continue;
      }
      const markdown = await readFile(target, "utf8");
      pages.push({ path, title: null, url: file, markdown, at: now });
    } catch (error) {
      failed.push({ path, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { pages, failed };
}

/** Of the checkout that the folder lies in, by git; else of the package around it; null where there is neither. */
export async function folderVersion(path: string, signal: AbortSignal): Promise<string | null> {
  const described = await promisify(execFile)("git", ["-C", path, "describe", "--tags", "--always"], {
    signal,
  }).then(
    ({ stdout }) => stdout.trim(),
    () => null, // no checkout, or no git
  );
  signal.throwIfAborted();
  if (described) return described;
  for (let folder = resolve(path); dirname(folder) !== folder; folder = dirname(folder)) {
    const version =
      (await versionIn(join(folder, "pyproject.toml"))) ?? (await versionIn(join(folder, "package.json")));
    if (version !== null) return version;
  }
  return null;
}

async function versionIn(path: string): Promise<string | null> {
  const text = await readFile(path, "utf8").catch(() => ""); // absent
  return /(?:^|[{,])\s*"?version"?\s*[=:]\s*"([^"]+)"/m.exec(text)?.[1] ?? null;
}

async function* markdownFiles(folder: string, signal: AbortSignal): AsyncGenerator<string> {
  signal.throwIfAborted();
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []); // one that may not be read has no pages
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    if (entry.isDirectory()) yield* markdownFiles(path, signal);
    // A link to a folder is not followed: it may lead round in a circle.
    else if (/\.(md|mdx|markdown)$/i.test(entry.name)) yield path;
  }
}
