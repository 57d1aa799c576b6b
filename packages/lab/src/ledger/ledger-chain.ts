import { createHash } from "node:crypto";
import { canonicalJson } from "./canonical-json.ts";
import { verifySignature } from "./evaluator-key.ts";
import type { LedgerRow } from "./ledger-row.ts";

export const genesisPrev: string = "0".repeat(64);

/** The hash of a row: SHA-256 over the canonical JSON of everything but `hash` and `signature`. */
export function hashRow(row: Omit<LedgerRow, "hash" | "signature">): string {
  const { seq, time, kind, body, key, prev } = row;
  return createHash("sha256").update(canonicalJson({ seq, time, kind, body, key, prev })).digest("hex");
}

export type ChainResult =
  | { readonly ok: true; readonly rows: readonly LedgerRow[] }
  | { readonly ok: false; readonly line: number; readonly reason: string };

/** Checks the lines of a ledger (without the line ends) from the first row on. */
export function checkChain(lines: readonly string[]): ChainResult {
  const rows: LedgerRow[] = [];
  let publicKey: string | null = null;
  for (const [index, line] of lines.entries()) {
    const fail = (reason: string): ChainResult => ({ ok: false, line: index + 1, reason });
    const row = parseRow(line);
    if (row === null) return fail("the line is not a ledger row");
    if (row.seq !== index) return fail(`the row is numbered ${row.seq} where ${index} is due`);
    if (row.prev !== (rows.at(-1)?.hash ?? genesisPrev))
      return fail("the row does not follow the one before it");
    if (hashRow(row) !== row.hash) return fail("the content of the row does not match its hash");
    if ((row.kind === "genesis") !== (index === 0))
      return fail("the genesis row must be the first, and only it");
    publicKey ??= typeof row.body.public_key === "string" ? row.body.public_key : null;
    if (publicKey === null) return fail("the genesis row names no public key");
    if (row.signature === undefined) return fail("the row is not signed");
    if (!verifySignature(publicKey, row.hash, row.signature)) {
      return fail("the signature does not fit the public key of the genesis row");
    }
    rows.push(row);
  }
  if (rows.length === 0) return { ok: false, line: 1, reason: "the file holds no rows" };
  return { ok: true, rows };
}

const fields: Record<string, (value: unknown) => boolean> = {
  seq: Number.isInteger,
  time: isString,
  kind: isString,
  body: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  key: (value) => value === undefined || isString(value),
  prev: isString,
  hash: isString,
  signature: (value) => value === undefined || isString(value),
};

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function parseRow(line: string): LedgerRow | null {
  try {
    const row: unknown = JSON.parse(line);
    if (typeof row !== "object" || row === null) return null;
    const values = row as Record<string, unknown>;
    if (!Object.entries(fields).every(([name, fits]) => fits(values[name]))) return null;
    // A field that no hash covers could be added without breaking the chain.
    if (!Object.keys(values).every((name) => name in fields)) return null;
    return row as LedgerRow;
  } catch {
    return null;
  }
}
