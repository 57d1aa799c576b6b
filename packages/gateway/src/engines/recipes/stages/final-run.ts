import type { Facts } from "../facts.ts";
import type { Run } from "../lab-types.ts";
import { type Attempt, isUsable, readAttempts } from "../trials.ts";
import { champion } from "./selection-stage.ts";

export function refitAttempts({ conversation }: Facts): Attempt[] {
  return readAttempts(conversation, { refit: true });
}

/** Runs that may be scored on the sealed test, the preferred one first: the refit, then the chosen run itself. */
export function finalRuns(facts: Facts): Run[] {
  const refits = refitAttempts(facts)
    .flatMap(({ runs }) => runs)
    .filter(isUsable);
  const [original] = champion(facts)?.runs ?? [];
  return original === undefined ? refits : [...refits, original];
}
