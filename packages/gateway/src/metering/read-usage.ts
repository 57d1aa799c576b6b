import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readLines } from "@ml-intern/durable";
import { isUsageLine } from "./is-usage-line.ts";
import type { UsageLine } from "./usage-line.ts";

const FILE = /^(\d{4}-\d{2})\..+\.jsonl$/;

export interface ReadUsageOptions {
  /** RFC 3339 in UTC with milliseconds; lines from then on. Null for the first. */
  readonly since: string | null;
  /** Lines before then. Null for the last. */
  readonly until: string | null;
  /** Hears of a line that is damaged, which is left out. */
  readonly onDamage: (file: string, line: number) => void;
}

/**
 * The lines of usage in a folder, one at a time: files by their names, that is month by month, and within a file in the
 * order in which the requests ended. A last line that a crash cut off is not one. Throws when the folder cannot be read.
 */
export async function* readUsage(
  folder: string,
  { since, until, onDamage }: ReadUsageOptions,
): AsyncGenerator<UsageLine, void, undefined> {
  const names = (await readdir(folder)).sort();
  for (const name of names) {
    const month = FILE.exec(name)?.[1];
    if (month === undefined) continue;
    if (since !== null && month < since.slice(0, month.length)) continue;
    if (until !== null && month > until.slice(0, month.length)) continue;
    let number = 0;
    for await (const bytes of readLines(join(folder, name))) {
      number++;
      const line = parse(bytes);
      if (line === null) onDamage(name, number);
      else if ((since === null || line.time >= since) && (until === null || line.time < until)) yield line;
    }
  }
}

/** What older lines do not have. */
const ADDED_LATER: Pick<UsageLine, "cache_promised_tokens"> = { cache_promised_tokens: 0 };

function parse(bytes: Buffer): UsageLine | null {
  try {
    const line: unknown = { ...ADDED_LATER, ...JSON.parse(bytes.toString("utf8")) };
    return isUsageLine(line) ? line : null;
  } catch {
    // Not JSON: reported as damage.
    return null;
  }
}
