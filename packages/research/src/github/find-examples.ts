import type { WebClient } from "../http/web-client.ts";
import { type ListedFile, type Listing, listFiles } from "./list-files.ts";

export interface Example extends ListedFile {
  /** More is better; for comparing within one answer only. */
  readonly score: number;
}

/** Names of folders whose files show how a library is used, the surest first. */
const PLACES = [
  "examples",
  "example",
  "notebooks",
  "tutorials",
  "recipes",
  "cookbook",
  "demos",
  "samples",
  "scripts",
  "quickstart",
  "benchmarks",
  "docs",
];

const RUNNABLE = /\.(py|ipynb|sh|ya?ml|md|ts|js)$/;

/**
 * Files of a repository that show how it is used, the best first: by where they lie, and by how many words of `keyword` their
 * paths have.
 */
export async function findExamples(
  web: WebClient,
  { keyword, limit, ...listing }: Listing & { readonly keyword: string; readonly limit: number },
): Promise<{ readonly examples: readonly Example[]; readonly isComplete: boolean }> {
  const { files, isComplete } = await listFiles(web, listing);
  const words = wordsOf(keyword);
  const examples = files
    .map((file) => ({ ...file, score: scoreOf(file, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.path.localeCompare(b.path));
  return { examples: examples.slice(0, limit), isComplete };
}

function scoreOf({ path, size }: ListedFile, words: readonly string[]): number {
  if (!RUNNABLE.test(path) || size === 0) return 0;
  const parts = path.toLowerCase().split("/");
  const places = parts
    .slice(0, -1)
    .map((part) => PLACES.indexOf(part))
    .filter((place) => place >= 0);
  if (places.length === 0) return 0;
  const place = 1 - Math.min(...places) / PLACES.length;
  const inName = new Set(wordsOf(parts.at(-1) ?? ""));
  const inPath = new Set(wordsOf(path));
  const hits = words.reduce((sum, word) => sum + (inName.has(word) ? 2 : inPath.has(word) ? 1 : 0), 0);
  if (words.length > 0 && hits === 0) return 0;
  return hits + place + (/\.(py|ipynb)$/.test(path) ? 0.5 : 0);
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
}
