import type { FoundSecret, SecretFinder } from "./found-secret.ts";
import { secretName } from "./secret-name.ts";
import { isPlaceholder } from "./secret-value.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const SHORTEST = 8;

/**
 * Finds the values of the secrets in this machine's own environment, wherever they stand: as they are, in base64 (also
 * as a part of something longer), URL-encoded or in hexadecimal digits.
 */
export function machineSecrets(env: Environment): SecretFinder {
  const known = new Map<string, { readonly kind: string; readonly plain: string }>();
  for (const [name, value = ""] of Object.entries(env)) {
    if (secretName(name) === null || value.length < SHORTEST || isPlain(value)) continue;
    for (const spelling of spellings(value)) known.set(spelling, { kind: name.toLowerCase(), plain: value });
  }
  if (known.size === 0) return () => [];
  // The longest first, so that a secret that begins another one does not hide it.
  const pattern = [...known.keys()]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join("|");
  const anyOfThem = new RegExp(pattern, "g");
  return function* find(text): Generator<FoundSecret> {
    for (const { 0: found, index } of text.matchAll(anyOfThem)) {
      const secret = known.get(found);
      if (secret !== undefined) yield { start: index, end: index + found.length, ...secret };
    }
  };
}

/** A path to a secret is not the secret, and a word that stands for one is none. */
function isPlain(value: string): boolean {
  return /^[~.]{0,2}\/|^\d+$/.test(value) || isPlaceholder(value);
}

function spellings(secret: string): Set<string> {
  const bytes = Buffer.from(secret, "utf8");
  const inside = [0, 1, 2].flatMap((offset) => {
    // Of three bytes' four letters those are kept that no neighbour of the secret changes.
    const letters = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const first = Math.ceil((offset * 8) / 6);
    const last = Math.floor(((offset + bytes.length) * 8) / 6);
    const kept = letters.slice(first, last);
    return kept.length < SHORTEST ? [] : [kept, kept.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return new Set([
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("hex"),
    ...inside,
  ]);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
}
