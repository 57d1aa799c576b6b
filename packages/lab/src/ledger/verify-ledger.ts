export type LedgerVerification =
  | { readonly ok: true; readonly rows: number; readonly head: string }
  | { readonly ok: false; readonly line: number; readonly reason: string };

/**
 * Proves a ledger file from its own contents: numbering, chain, hashes, and signatures against the public key
 * in its first row. With `expectHead` it also proves that the row of that hash is still in the chain, so that
 * a ledger which was cut short or rewritten after the hash was published does not pass.
 */
export async function verifyLedger(
  _path: string,
  _options: { expectHead?: string } = {},
): Promise<LedgerVerification> {
  throw new Error("not written yet");
}
