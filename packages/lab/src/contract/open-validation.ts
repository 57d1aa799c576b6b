import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import { toDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readContract } from "./read-contract.ts";
import { fileDigest } from "./seal-rows.ts";
import { sessionFiles } from "./session-files.ts";

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
export async function openValidation({
  sessionDirectory,
  ledger,
  own = async () => undefined,
  signal = new AbortController().signal,
}: OpenValidationOptions): Promise<string> {
  const contract = await readContract(sessionDirectory);
  if (contract === null) {
    throw new LabError("contract/not_fixed", "There is no contract yet, so there are no validation rows.", {
      mend: "Fix a contract first (propose_contract).",
    });
  }
  const files = sessionFiles(sessionDirectory);
  const sealed = join(files.sealed, "validation.csv");
  const rows = contract.split.validation;
  // The row comes first: once anybody could have seen a label, nothing scores on these rows any more.
  await ledger.append(
    "validation_opened",
    { rows, sha256: await fileDigest(sealed) },
    { key: "validation_opened" },
  );
  try {
    await writeDurably(files.validation, await readFile(sealed));
    await own(files.validation);
    if (contract.data.kind === "images") {
      const images = join(files.sealed, "validation_images");
      await mkdir(files.images, { recursive: true });
      for (const name of await readdir(images)) {
        signal.throwIfAborted();
        await copyFile(join(images, name), join(files.images, name));
        await own(join(files.images, name));
      }
    }
  } catch (error) {
    throw toDiskFull(error, files.validation);
  }
  return files.validation;
}
