import type { FoundSecret } from "./found-secret.ts";

const BEGIN = /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
/** The lines of a key whose end was cut off: base64, and between the lines escapes, quotes, the prefixes of a diff. */
const LINES = /(?:[A-Za-z0-9+/=\s",]|\\[nrt"\\]|[-+>|](?!-))*/y;
/** A key that says nothing is an example in a manual; one of more is several keys. */
const LEAST = 40;
const MOST = 1 << 16;

/** Finds PEM private keys, on several lines or on one with `\n`, also when the end was cut off. Certificates stay. */
export function* findPrivateKeys(text: string): Generator<FoundSecret> {
  const begins = [...text.matchAll(BEGIN)];
  const ends = begins.length === 0 ? [] : [...text.matchAll(END)];
  let next = 0;
  for (const [number, { 0: begin, index }] of begins.entries()) {
    while ((ends[next]?.index ?? text.length) < index) next++;
    const end = ends[next];
    const body = index + begin.length;
    const isWhole =
      end !== undefined && end.index < (begins[number + 1]?.index ?? text.length) && end.index - body < MOST;
    LINES.lastIndex = body;
    const bodyEnd = isWhole ? end.index : body + (LINES.exec(text)?.[0].length ?? 0);
    if (text.slice(body, bodyEnd).replace(/\\[nrt]|[^A-Za-z0-9+/]/g, "").length < LEAST) continue;
    yield { start: index, end: isWhole ? bodyEnd + end[0].length : bodyEnd, kind: "private_key" };
  }
}
