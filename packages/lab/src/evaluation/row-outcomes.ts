import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import { LabError } from "../lab-error.ts";
import type { Outcome } from "./outcome.ts";

/** Per-row results of a score, kept out of the sandbox's reach for paired comparison: `lab/evaluations/<seq>.json`. */
export async function keepOutcome(labDirectory: string, ledgerSeq: number, outcome: Outcome): Promise<void> {
  const plain =
    outcome.kind === "numbers"
      ? { kind: "numbers", truth: [...outcome.truth], predicted: [...outcome.predicted] }
      : {
          kind: "classes",
          classes: outcome.classes,
          truth: [...outcome.truth],
          predicted: [...outcome.predicted],
          probabilities: outcome.probabilities === null ? null : [...outcome.probabilities],
        };
  await writeDurably(place(labDirectory, ledgerSeq), JSON.stringify(plain), { mode: 0o600 });
}

export async function readOutcome(labDirectory: string, ledgerSeq: number): Promise<Outcome> {
  const path = place(labDirectory, ledgerSeq);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new LabError("evaluation/failed", `The rows behind ledger row ${ledgerSeq} are missing: ${path}.`, {
      mend: "The score itself stands in the ledger; only comparisons and plots need this file. Submit the run again.",
      cause,
    });
  });
  // Written by keepOutcome alone, in a folder that only the host can write.
  const plain = JSON.parse(text) as
    | { kind: "numbers"; truth: number[]; predicted: number[] }
    | {
        kind: "classes";
        classes: string[];
        truth: number[];
        predicted: number[];
        probabilities: number[] | null;
      };
  if (plain.kind === "numbers") {
    return {
      kind: "numbers",
      truth: Float64Array.from(plain.truth),
      predicted: Float64Array.from(plain.predicted),
    };
  }
  return {
    kind: "classes",
    classes: plain.classes,
    truth: Int32Array.from(plain.truth),
    predicted: Int32Array.from(plain.predicted),
    probabilities: plain.probabilities === null ? null : Float64Array.from(plain.probabilities),
  };
}

function place(labDirectory: string, ledgerSeq: number): string {
  return join(labDirectory, "evaluations", `${ledgerSeq}.json`);
}
