import { readFile } from "node:fs/promises";
import { checkChain } from "./ledger-chain.ts";

export type LedgerVerification =
  | { readonly ok: true; readonly rows: number; readonly head: string }
  | { readonly ok: false; readonly line: number; readonly reason: string };

/**
 * Proves a ledger file from its own contents: numbering, chain, hashes, and signatures against the public key
 * in its first row. With `expectHead` it also proves that the row of that hash is still in the chain, so that
 * a ledger which was cut short or rewritten after the hash was published does not pass.
 */
export async function verifyLedger(
  path: string,
  { expectHead }: { expectHead?: string } = {},
): Promise<LedgerVerification> {
  const lines = (await readFile(path, "utf8")).split("\n");
  const tail = lines.pop();
  const chain = checkChain(lines);
  if (!chain.ok) return chain;
  if (tail !== "") return { ok: false, line: lines.length + 1, reason: "the last line is torn" };
  if (expectHead !== undefined && !chain.rows.some((row) => row.hash === expectHead)) {
    const reason = `no row has the hash ${expectHead}: rows were cut off, or the chain was written anew`;
    return { ok: false, line: lines.length, reason };
  }
  return { ok: true, rows: chain.rows.length, head: chain.rows.at(-1)?.hash ?? "" };
}
