import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../lab-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { SealedSet } from "./score.ts";

/**
 * Makes sure that a set is still what the ledger's contract row says was sealed: a number measured on rows that
 * somebody has changed since would be verified in name only.
 */
export async function checkSealed(options: {
  readonly labDirectory: string;
  readonly ledger: Ledger;
  readonly set: SealedSet;
}): Promise<void> {
  const { labDirectory, ledger, set } = options;
  const row = ledger.rows.findLast(({ kind }) => kind === "contract");
  if (row === undefined) {
    throw new LabError("contract/not_fixed", "The ledger holds no contract, so there is nothing to verify.", {
      mend: "Fix a contract first (propose_contract).",
    });
  }
  // Written by fixContract alone, and covered by the chain.
  const sealed = row.body.sealed_sha256 as Readonly<Record<string, string>>;
  await check(join(labDirectory, "sealed", `${set}.csv`), sealed[set]);
  await check(join(labDirectory, "sealed", "train_summary.json"), sealed.train_summary);
}

async function check(path: string, expected: string | undefined): Promise<void> {
  const bytes = await readFile(path).catch(() => null);
  if (bytes !== null && createHash("sha256").update(bytes).digest("hex") === expected) return;
  const what = bytes === null ? "cannot be read" : "is not what was sealed";
  throw new LabError("evaluation/failed", `${path} ${what}, so nothing can be verified on it.`, {
    mend: "Restore the session's lab/sealed folder from a backup, or start a new session.",
  });
}
