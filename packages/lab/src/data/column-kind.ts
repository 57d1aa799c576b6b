import type { ColumnType } from "./dataset.ts";
import type { ColumnKind } from "./report.ts";

/** The facts about a column that its kind follows from. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: ColumnType;
  readonly rows: number;
  readonly missing: number;
  readonly distinct: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Means over the values of a text column. */
  readonly length: number;
  readonly words: number;
}

/** Decides what a column holds. A column that tells rows apart but says nothing about them is an identifier. */
export function columnKind(facts: ColumnFacts): ColumnKind {
  const { type, rows, missing, distinct } = facts;
  const filled = rows - missing;
  if (filled === 0) return "empty";
  if (distinct === 1 && missing === 0) return "constant";
  if (type === "BOOLEAN") return "boolean";
  if (type === "DATE" || type === "TIMESTAMP") return "date";
  const unique = distinct === filled && filled > 1;
  if (type === "DOUBLE") return "number";
  if (type === "BIGINT") {
    const counts = unique && missing === 0 && (facts.max ?? 0) - (facts.min ?? 0) === rows - 1;
    if (counts && (facts.min === 0 || facts.min === 1)) return "identifier";
    if (!isIdentifierName(facts.name)) return "number";
    return unique || (distinct > 20 && distinct > rows / 100) ? "identifier" : "number";
  }
  if (facts.words >= 3.5 && distinct > filled / 3) return "text";
  if (facts.length >= 40 && facts.words >= 2 && distinct > filled / 5) return "text";
  if (unique && facts.words < 1.5) return "identifier";
  if (isIdentifierName(facts.name) && distinct > 20 && distinct > rows / 100) return "identifier";
  if (unique && facts.words >= 2.5) return "text";
  return unique ? "identifier" : "category";
}

/** Whether a name says "identifier": id, uuid, key, index … alone or as the last or first word of a name. */
export function isIdentifierName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const telling = new Set([
    "id",
    "ids",
    "uuid",
    "guid",
    "uid",
    "key",
    "index",
    "idx",
    "rowid",
    "rownum",
    "serial",
  ]);
  const [first = ""] = words;
  const last = words.at(-1) ?? "";
  return telling.has(last) || first === "id" || first === "unnamed";
}

const groupWords =
  /(^|[^a-z])(patient|subject|user|customer|client|person|participant|session|group|household|family|speaker|writer|author|device|machine|engine|store|shop|account|player|driver|vehicle|site|hospital|school|fold)s?([^a-z]|$)/;

/** Whether a name says that rows with the same value belong together. */
export function isGroupName(name: string): boolean {
  return groupWords.test(name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase());
}
