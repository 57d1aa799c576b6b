import type { Ledger } from "./ledger.ts";

export interface OpenLedgerOptions {
  path: string;
  /** Holds the installation's key at `keys/evaluator.key`, created on first use. */
  home: string;
  now: () => Date;
}

/**
 * Opens a session's ledger for writing, creating it with a genesis row when absent. One process at a time:
 * a second one gets `ledger/locked`; the lock of a process that has died is taken over.
 */
export async function openLedger(_options: OpenLedgerOptions): Promise<Ledger> {
  throw new Error("not written yet");
}
