import { readFile } from "node:fs/promises";
import { LabError } from "../lab-error.ts";
import type { Contract } from "./contract.ts";
import { sessionFiles } from "./session-files.ts";

/** The session's contract, or null when none is fixed yet. A file that is no contract is `contract/invalid`. */
export async function readContract(sessionDirectory: string): Promise<Contract | null> {
  const path = sessionFiles(sessionDirectory).contract;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  try {
    const contract: unknown = JSON.parse(text);
    if (
      typeof contract === "object" &&
      contract !== null &&
      "version" in contract &&
      contract.version === 1
    ) {
      return contract as Contract;
    }
  } catch {
    // Falls through: text that is no JSON is no contract either.
  }
  throw new LabError("contract/invalid", `${path} is not a contract.`, {
    mend: "It was changed by hand or damaged. Restore it (the ledger's contract row holds its digest), or start a new session.",
  });
}
