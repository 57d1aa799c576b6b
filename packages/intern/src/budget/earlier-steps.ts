import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readSession } from "../session/session-store.ts";
import type { StepTotal } from "./budget-book.ts";

/** Older sessions say little about today's prices, and reading takes its time. */
const SESSIONS = 20;

/** What steps of the newest other sessions have cost. What cannot be read is no example. */
export async function earlierSteps(home: string, id: string): Promise<readonly StepTotal[]> {
  const names = await readdir(join(home, "sessions")).catch(() => []); // there are none
  const others = names
    .filter((name) => name !== id)
    .sort()
    .slice(-SESSIONS);
  const steps: StepTotal[] = [];
  for (const name of others) {
    const session = await readSession(home, name).catch(() => null); // damaged
    for (const step of session?.state.budget.steps ?? []) steps.push({ ...step, id: `${name}/${step.id}` });
  }
  return steps;
}
