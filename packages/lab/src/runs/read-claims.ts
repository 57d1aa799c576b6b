import { open } from "node:fs/promises";
import { join } from "node:path";

const largest = 256 * 1024;
const most = 100;

/**
 * Reads metrics.json of collected output: what the script says about itself. Finite numbers of the top level only, the
 * first hundred; anything else, or no such file, claims nothing.
 */
export async function readClaims(outputDirectory: string): Promise<Readonly<Record<string, number>>> {
  try {
    await using file = await open(join(outputDirectory, "metrics.json"), "r");
    if ((await file.stat()).size > largest) return {};
    // Python writes what JSON does not know; such a number must not take the others with it.
    const text = (await file.readFile("utf8")).replaceAll(/(?<=[:[,]\s*)-?(?:NaN|Infinity)/g, "null");
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return {};
    const numbers = Object.entries(value).filter(
      (entry): entry is [string, number] => Number.isFinite(entry[1]) && entry[0].length <= 100,
    );
    return Object.fromEntries(numbers.slice(0, most));
  } catch {
    return {}; // a claim that cannot be read is no claim
  }
}
