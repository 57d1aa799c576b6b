import type { DataReport } from "../data/report.ts";
import type { ContractProposal } from "./contract.ts";

/**
 * Proposes terms from the report and the words of the task, deterministically.
 * Null when no column can be taken for the target.
 */
export function suggestContract(
  _report: DataReport,
  _task: string,
  _target?: string,
): ContractProposal | null {
  throw new Error("not written yet");
}
