import type { Comparison, Replicates, Score } from "@ml-intern/lab";

/** What one `submit_for_evaluation` brought. Everything in it is verified. */
export interface EvaluationRecord {
  readonly scores: readonly Score[];
  /** Mean and spread of the same code over its seeds, over all verified seeds so far. */
  readonly replicates: Replicates | null;
  /** The noise that a difference has to exceed: the spread of the candidate or of the best so far. */
  readonly noise: number | null;
  readonly comparison: Comparison | null;
  readonly best: { readonly run: string; readonly value: number } | null;
  readonly queries_left: number;
}

/** A published model. */
export interface ReleaseRecord {
  readonly repo: string;
  readonly url: string;
  readonly revision: string;
  readonly files: readonly string[];
  /** The published files, downloaded again and run in a clean sandbox. */
  readonly reloaded: { readonly rows: number; readonly agrees: boolean };
  readonly ledger_seq: number;
}
