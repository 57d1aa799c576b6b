import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import type { Dataset } from "../data/dataset.ts";
import { profileColumns } from "../data/profile-columns.ts";
import type { DataReport } from "../data/report.ts";
import { toDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type CheckedTerms, checkProposal } from "./check-proposal.ts";
import type { Contract, ContractBudget, ContractProposal } from "./contract.ts";
import { metricDirection } from "./metric-terms.ts";
import { readContract } from "./read-contract.ts";
import { sealRows } from "./seal-rows.ts";
import { sessionFiles } from "./session-files.ts";
import { type RowSplit, splitRows } from "./split-rows.ts";

const queries = { validation: 30, test: 1 } as const;

export interface FixContractOptions {
  proposal: ContractProposal;
  dataset: Dataset;
  /** A report on this dataset, which spares a second look at its columns when it lists them all. */
  report?: DataReport;
  task: string;
  budget: ContractBudget;
  /** Holds `workspace/` (the sandbox's) and `lab/` (out of its reach). */
  sessionDirectory: string;
  ledger: Ledger;
  /** Called with each file and directory written into the workspace, so that the caller can change its owner. */
  own?: (path: string) => Promise<void>;
  signal?: AbortSignal;
}

/**
 * Checks a proposal against the data, splits the rows, seals validation and test, and fixes the terms.
 * A second call is `contract/already_fixed`. `lab/contract.json` is written last: a fix that was interrupted is
 * done again from the start, and a fix that failed leaves neither rows nor contract behind.
 */
export async function fixContract({
  proposal,
  dataset,
  report,
  task,
  budget,
  sessionDirectory,
  ledger,
  own = async () => undefined,
  signal = new AbortController().signal,
}: FixContractOptions): Promise<Contract> {
  if ((await readContract(sessionDirectory)) !== null) {
    throw new LabError("contract/already_fixed", "The contract of this session is fixed already.", {
      mend: "Work under its terms (data/task.json holds them), or start a new session for other terms.",
    });
  }
  const columns = report?.columns_omitted === 0 ? report.columns : await profileColumns(dataset, { signal });
  const terms = await checkProposal(proposal, { dataset, columns, signal });
  const secret = ledger.deriveSecret(`row ids of ${dataset.sha256}`);
  const split = await splitRows(dataset, { terms, secret, signal });
  const contract = writeTerms({ proposal, dataset, terms, split, task, budget });
  const files = sessionFiles(sessionDirectory);
  await mkdir(dirname(files.contract), { recursive: true }).catch((error) => {
    throw toDiskFull(error, files.contract);
  });
  const sealed = await sealRows(dataset, { terms, files, own, signal });
  const text = `${JSON.stringify(contract, null, 2)}\n`;
  await writeDurably(files.task, text);
  await own(files.task);
  const digest = createHash("sha256").update(canonicalJson(contract)).digest("hex");
  await ledger.append(
    "contract",
    { contract, contract_sha256: digest, sealed_sha256: sealed },
    { key: `contract:${digest}` },
  );
  await writeDurably(files.contract, text);
  return contract;
}

function writeTerms(options: {
  proposal: ContractProposal;
  dataset: Dataset;
  terms: CheckedTerms;
  split: RowSplit;
  task: string;
  budget: ContractBudget;
}): Contract {
  const { proposal, dataset, terms, split, task, budget } = options;
  const { notes, seed, train, validation, test, dropped } = split;
  const direction = metricDirection(terms.metric);
  const goal = proposal.target_value ?? null;
  const reach =
    goal === null
      ? ""
      : `validation ${terms.metric} is ${direction === "maximize" ? "at least" : "at most"} ${goal}, or `;
  return {
    version: 1,
    task,
    data: { name: dataset.name, sha256: dataset.sha256, rows: dataset.rows, kind: dataset.kind },
    task_type: proposal.task_type,
    input_kind: proposal.input_kind,
    target: terms.target.name,
    classes: terms.classes,
    positive_class: terms.positiveClass,
    features: terms.features.map(({ column, kind }) => ({ name: column.name, kind })),
    text_column: terms.textColumn,
    excluded: terms.excluded,
    metric: terms.metric,
    direction,
    split: {
      kind: terms.split.kind,
      column: terms.split.column?.name ?? null,
      seed,
      train,
      validation,
      test,
      dropped,
    },
    queries,
    budget,
    stop: {
      target_value: goal,
      rule: `Stop when ${reach}${queries.validation} models were validated, or the budget is spent; then test the best one once.`,
    },
    notes,
  };
}
