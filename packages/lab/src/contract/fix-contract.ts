import type { Dataset } from "../data/dataset.ts";
import type { DataReport } from "../data/report.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Contract, ContractBudget, ContractProposal } from "./contract.ts";

export interface FixContractOptions {
  proposal: ContractProposal;
  dataset: Dataset;
  report?: DataReport;
  task: string;
  budget: ContractBudget;
  /** Holds `workspace/` (the sandbox's) and `lab/` (out of its reach). */
  sessionDirectory: string;
  ledger: Ledger;
  now: () => Date;
  /** Called with each file and directory written into the workspace, so that the caller can change its owner. */
  own?: (path: string) => Promise<void>;
  signal?: AbortSignal;
}

/**
 * Checks a proposal against the data, splits the rows, seals validation and test, and fixes the terms.
 * `lab/contract.json` is written last: a fix that was interrupted is done again from the start.
 */
export async function fixContract(_options: FixContractOptions): Promise<Contract> {
  throw new Error("not written yet");
}
