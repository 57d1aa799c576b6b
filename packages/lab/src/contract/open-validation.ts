import type { Ledger } from "../ledger/ledger.ts";

export interface OpenValidationOptions {
  sessionDirectory: string;
  ledger: Ledger;
  own?: (path: string) => Promise<void>;
  signal?: AbortSignal;
}

/**
 * Gives the validation rows with their labels to the workspace, for a refit, and closes validation scoring
 * for good. Opening twice is the same as opening once. Returns the path of `data/validation.csv`.
 */
export async function openValidation(_options: OpenValidationOptions): Promise<string> {
  throw new Error("not written yet");
}
