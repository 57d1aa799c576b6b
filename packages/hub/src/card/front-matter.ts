/**
 * Reads the metadata block at the top of a model card.
 *
 * Covered: the part of YAML that cards are written in: nested maps, lists, lists of maps, one-line lists, plain and
 * quoted scalars, text blocks (`|` and `>`), comments.
 * Not covered: anchors, tags, multi-line plain scalars, one-line maps, several documents. What is not covered is not
 * guessed at: the answer is null.
 */

export type CardValue = string | number | boolean | null | CardValue[] | { [key: string]: CardValue };
export type CardData = Record<string, CardValue>;

/** The metadata of a card, `{}` when its block is empty, null when there is no block or it does not parse. */
export function parseFrontMatter(card: string): CardData | null {
  const block = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)/m.exec(card);
  if (block?.index !== 0) return null;
  try {
    return parseDocument(block[1] ?? "");
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

/** Whether a card begins with a metadata block, readable or not. */
export function hasFrontMatter(card: string): boolean {
  return /^\uFEFF?---[ \t]*\r?\n[\s\S]*?^---[ \t]*$/m.test(card);
}

class Unreadable extends Error {}

interface Line {
  readonly indent: number;
  /** Without indentation; comments are cut off when the line is read as YAML. */
  readonly text: string;
}

/** The lines and how far they have been read. */
interface Reader {
  readonly lines: readonly Line[];
  at: number;
}

function parseDocument(source: string): CardData {
  const lines = source.split(/\r?\n/).map((raw) => {
    if (/^ *\t/.test(raw)) throw new Unreadable("tab in indentation");
    const text = raw.trimStart();
    return { indent: raw.length - text.length, text: text.trimEnd() };
  });
  const reader: Reader = { lines, at: 0 };
  const first = peek(reader);
  if (!first) return {};
  const value = parseBlock(reader, first.indent);
  if (peek(reader) || typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Unreadable("not one map");
  }
  return value;
}

/** The next line that says something. */
function peek(reader: Reader): Line | undefined {
  for (; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at];
    if (line && line.text !== "" && !line.text.startsWith("#")) return line;
  }
  return undefined;
}

function isItem(line: Line): boolean {
  return line.text === "-" || line.text.startsWith("- ");
}

function parseBlock(reader: Reader, indent: number): CardValue {
  const line = peek(reader);
  return line && isItem(line) ? parseList(reader, indent) : parseMap(reader, indent);
}

function parseList(reader: Reader, indent: number): CardValue[] {
  const items: CardValue[] = [];
  for (let line = peek(reader); line && line.indent >= indent; line = peek(reader)) {
    if (line.indent !== indent) throw new Unreadable("indentation");
    if (!isItem(line)) break;
    const rest = line.text.slice(1).trimStart();
    if (rest === "" || rest.startsWith("#")) {
      reader.at++;
      items.push(parseNested(reader, indent + 1));
    } else if (splitKey(rest) || isItem({ indent: 0, text: rest })) {
      // "- key: value" opens a map (or list) whose first line stands behind the dash.
      const inner = indent + (line.text.length - rest.length);
      (reader.lines as Line[])[reader.at] = { indent: inner, text: rest };
      items.push(parseBlock(reader, inner));
    } else {
      reader.at++;
      items.push(parseInline(reader, rest, indent));
    }
  }
  return items;
}

function parseMap(reader: Reader, indent: number): CardData {
  const map: CardData = {};
  for (let line = peek(reader); line && line.indent >= indent; line = peek(reader)) {
    if (line.indent !== indent) throw new Unreadable("indentation");
    const pair = splitKey(line.text);
    if (!pair || Object.hasOwn(map, pair.key) || pair.key === "__proto__") throw new Unreadable(line.text);
    reader.at++;
    if (pair.value === "") {
      const next = peek(reader);
      // A list may stand at the same depth as the key that it belongs to.
      const listHere = next !== undefined && next.indent === indent && isItem(next);
      map[pair.key] = listHere ? parseList(reader, indent) : parseNested(reader, indent + 1);
    } else {
      map[pair.key] = parseInline(reader, pair.value, indent);
    }
  }
  return map;
}

function parseNested(reader: Reader, atLeast: number): CardValue {
  const next = peek(reader);
  return next && next.indent >= atLeast ? parseBlock(reader, next.indent) : null;
}

function splitKey(text: string): { key: string; value: string } | null {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*:(?:\s+(.*)|)$/.exec(text);
  if (quoted) return { key: String(parseScalar(quoted[1] ?? "")), value: withoutComment(quoted[2] ?? "") };
  const plain = /^([^\s"'[\]{}#&*!|>%@`,-][^#]*?)\s*:(?:\s+(.*)|)$/.exec(text);
  if (!plain || /: /.test(plain[1] ?? "")) return null;
  return { key: plain[1] ?? "", value: withoutComment(plain[2] ?? "") };
}

function withoutComment(text: string): string {
  return text.startsWith("#") ? "" : text;
}

function parseInline(reader: Reader, text: string, indent: number): CardValue {
  const block = /^([|>])([+-]?)(?:\s+#.*)?$/.exec(text);
  if (block) return parseText(reader, { folded: block[1] === ">", chomp: block[2] ?? "", indent });
  if (text.startsWith("[")) return parseFlowList(text);
  if (/^\{\s*\}\s*(#.*)?$/.test(text)) return {};
  return parseScalar(text);
}

function parseText(
  reader: Reader,
  { folded, chomp, indent }: { folded: boolean; chomp: string; indent: number },
): string {
  const lines: string[] = [];
  let depth: number | null = null;
  for (; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at];
    if (!line || (line.text !== "" && line.indent <= indent)) break;
    if (line.text === "") {
      lines.push("");
      continue;
    }
    depth ??= line.indent;
    lines.push(" ".repeat(Math.max(0, line.indent - depth)) + line.text);
  }
  const body = lines.join("\n").replace(/\n+$/, "");
  const text = folded ? body.replace(/([^\n])\n(?=[^\n])/g, "$1 ").replace(/\n\n/g, "\n") : body;
  return chomp === "-" || text === "" ? text : `${text}\n`;
}

function parseFlowList(text: string): CardValue[] {
  const items: CardValue[] = [];
  const scalar = /\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,[\]{}"'#][^,[\]{}#]*?)\s*([,\]])/y;
  if (/^\[\s*\]\s*(#.*)?$/.test(text)) return items;
  scalar.lastIndex = 1;
  for (;;) {
    const match = scalar.exec(text);
    if (!match) throw new Unreadable(text);
    items.push(parseScalar(match[1] ?? ""));
    if (match[2] === "]") break;
  }
  const end = Math.max(text.lastIndexOf("]"), 0);
  if (!/^\s*(#.*)?$/.test(text.slice(end + 1))) throw new Unreadable(text);
  return items;
}

function parseScalar(source: string): CardValue {
  const double = /^("(?:[^"\\]|\\.)*")\s*(?:#.*)?$/.exec(source);
  if (double) return parseDoubleQuoted(double[1] ?? "");
  const single = /^'((?:[^']|'')*)'\s*(?:#.*)?$/.exec(source);
  if (single) return (single[1] ?? "").replaceAll("''", "'");
  const text = source.replace(/\s+#.*$/, "");
  if (/^["'&*!%@`[\]{}|>]/.test(text) || /: |:$/.test(text)) throw new Unreadable(text);
  if (text === "" || text === "~" || /^null$/i.test(text)) return null;
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  if (/^[-+]?(0|[1-9]\d*)(\.\d*)?([eE][-+]?\d+)?$/.test(text) || /^[-+]?\.\d+$/.test(text))
    return Number(text);
  return text;
}

function parseDoubleQuoted(text: string): string {
  try {
    // YAML's double-quoted form is JSON's, but for a few escapes that cards do not use.
    return JSON.parse(text) as string;
  } catch {
    throw new Unreadable(text);
  }
}
