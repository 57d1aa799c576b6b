import type { Contract } from "../contract/contract.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LedgerRow } from "../ledger/ledger-row.ts";
import type { Score, SealedSet } from "./score.ts";

/** What a row of kind `score` holds. */
export type ScoreBody = Omit<Score, "ledger_seq" | "queries_left">;

export type ScoreRow = Omit<LedgerRow, "body"> & { readonly body: ScoreBody };

export function recordedScores(ledger: Ledger): readonly ScoreRow[] {
  // Rows of this kind are written by evaluateSubmission alone.
  return ledger.rows.filter(({ kind }) => kind === "score") as unknown as readonly ScoreRow[];
}

/** Different models that the evaluator will still score on a set. */
export function queriesLeft(set: SealedSet, contract: Contract, ledger: Ledger): number {
  if (set === "validation" && ledger.rows.some(({ kind }) => kind === "validation_opened")) return 0;
  const asked = recordedScores(ledger).filter(({ body }) => body.set === set);
  return contract.queries[set] - new Set(asked.map(({ body }) => body.model_sha256)).size;
}

export function toScore(
  { seq, body }: ScoreRow,
  { ledger, contract }: { ledger: Ledger; contract: Contract },
): Score {
  return { ...body, ledger_seq: seq, queries_left: queriesLeft(body.set, contract, ledger) };
}
