import type { LedgerBody, LedgerKind, LedgerRow } from "./ledger-row.ts";

/** An open ledger: the only writer of its file until it is disposed. */
export interface Ledger extends AsyncDisposable {
  readonly path: string;
  /** What opening had to repair, or null: a torn last line is cut off and described here. */
  readonly repaired: string | null;
  /** All rows, oldest first, the genesis row at 0. */
  readonly rows: readonly LedgerRow[];
  /** The hash of the newest row. */
  readonly head: string;
  /** Resolves when the row is on the disk. A second append with the same `key` returns the first row unchanged. */
  append(
    kind: Exclude<LedgerKind, "genesis">,
    body: LedgerBody,
    options?: { key?: string },
  ): Promise<LedgerRow>;
  /** A secret of this installation for one purpose: always the same here, not computable from the ledger. */
  deriveSecret(purpose: string): string;
}
