import type { WebAnswer } from "@ml-intern/research";
import { type Material, quoteMaterial } from "../material.ts";
import type { Reading } from "../reading.ts";

/** What it takes to answer a call of a tool that reads. */
export interface Answering {
  readonly reading: Reading;
  readonly signal: AbortSignal;
}

/** What was read, quoted, with the age of the oldest answer among those that it is made of. */
export async function quoteReading(
  reading: Reading,
  read: (reading: Reading) => Promise<Material>,
): Promise<string> {
  const answers: WebAnswer[] = [];
  const material = await read(reading.watched((answer) => answers.push(answer)));
  const kept = answers
    .filter(({ source }) => source !== "network")
    .sort((a, b) => Number(a.at) - Number(b.at));
  const at = kept[0]?.at ?? material.at ?? null;
  return quoteMaterial({ ...material, at, isStale: kept.some(({ source }) => source === "stale") });
}
