import { createRedactor } from "../redactor.ts";
import type { SecretCorpus } from "./secret-corpus.ts";

export interface RedactionFigures {
  readonly secrets: number;
  readonly removed: number;
  readonly cleanTexts: number;
  readonly untouched: number;
  /** Found and wanted, by kind. */
  readonly byKind: ReadonlyMap<string, { readonly wanted: number; readonly removed: number }>;
  /** In words, one a miss. */
  readonly misses: readonly string[];
}

/** How much of a corpus is found, and how much is damaged. JSON is given as the values that it is, as traces are. */
export function measureRedaction({ planted, clean, env }: SecretCorpus): RedactionFigures {
  const redactor = createRedactor({ env, homeDirectory: null, labelKey: "corpus" });
  const redacted = (text: string): string => {
    const value = parsed(text);
    return value === null ? redactor.text(text) : JSON.stringify(redactor.value(value));
  };
  const byKind = new Map<string, { wanted: number; removed: number }>();
  const misses: string[] = [];
  let removed = 0;
  let secrets = 0;
  for (const { name, kind, text, secrets: wanted } of planted) {
    const result = redacted(text);
    const left = wanted.filter(
      (secret) => result.includes(secret) || result.includes(JSON.stringify(secret).slice(1, -1)),
    );
    const known = byKind.get(kind) ?? { wanted: 0, removed: 0 };
    byKind.set(kind, {
      wanted: known.wanted + wanted.length,
      removed: known.removed + wanted.length - left.length,
    });
    secrets += wanted.length;
    removed += wanted.length - left.length;
    if (left.length > 0) misses.push(`stays: ${name}: ${result}`);
  }
  let untouched = 0;
  for (const text of clean) {
    const value = parsed(text);
    const before = value === null ? text : JSON.stringify(value);
    const after = redacted(text);
    if (before === after) untouched++;
    else misses.push(`damaged: ${text} => ${after}`);
  }
  return { secrets, removed, cleanTexts: clean.length, untouched, byKind, misses };
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null; // not JSON: text
  }
}
