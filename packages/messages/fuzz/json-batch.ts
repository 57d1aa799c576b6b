import { documentChecker } from "../src/json/testing/check-document.ts";
import { seededRandom } from "../src/json/testing/random.ts";
import { mutated, randomCuts, randomDocument } from "../src/json/testing/random-document.ts";

export interface Finding {
  readonly text: string;
  readonly fault: string;
}

export interface BatchResult {
  readonly documents: number;
  /** Pairs of a document and a place to cut it. */
  readonly pairs: number;
  readonly finding: Finding | null;
}

const DOCUMENTS = 1_000;

/** Checks a thousand documents, every other one broken. The same seed makes the same documents. Stops at the first finding. */
export function checkBatch(seed: number): BatchResult {
  const random = seededRandom(seed);
  let pairs = 0;
  for (let documents = 0; documents < DOCUMENTS; documents++) {
    const document = randomDocument(random);
    const text = documents % 2 === 0 ? document : mutated(random, document);
    const cuts = randomCuts(random, text);
    const fault = faultIn(text, cuts);
    pairs += cuts.length;
    if (fault !== null) return { documents, pairs, finding: smallest({ text, fault }) };
  }
  return { documents: DOCUMENTS, pairs, finding: null };
}

function faultIn(text: string, cuts: Iterable<number>): string | null {
  try {
    const check = documentChecker(text);
    for (const cut of cuts) {
      const fault = check(cut);
      if (fault !== null) return fault;
    }
    return null;
  } catch (error) {
    return `it threw ${String(error)}`;
  }
}

/** Takes characters out for as long as something stays wrong. */
function smallest(finding: Finding): Finding {
  for (let at = 0; at < finding.text.length; at++) {
    const text = finding.text.slice(0, at) + finding.text.slice(at + 1);
    const fault = faultIn(text, Array(text.length + 1).keys());
    if (fault !== null) return smallest({ text, fault });
  }
  return finding;
}
