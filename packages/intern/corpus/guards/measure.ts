import type { Firing, GuardName } from "../../src/guards/guard-step.ts";
import { Guards } from "../../src/guards/guards.ts";
import type { Loop, Transcript } from "./transcript.ts";

export const GUARDS: readonly GuardName[] = ["repetition", "cycle", "same_error", "no_progress"];

export interface Fired extends Firing {
  readonly message: number;
}

export interface Measured {
  /** Loops that this guard should have caught, and of these the ones that it caught in time. */
  readonly loops: Readonly<Record<GuardName, number>>;
  readonly caught: Readonly<Record<GuardName, number>>;
  /** Loops in which this guard spoke, whether it was the one that should or not. */
  readonly right: Readonly<Record<GuardName, number>>;
  /** Sessions in which it spoke where nothing was wrong. */
  readonly wrong: Readonly<Record<GuardName, number>>;
  /** Loops that any guard caught in time. */
  readonly caughtByAny: number;
  /** Messages from a loop's first to the first firing. */
  readonly delays: Readonly<Record<GuardName, readonly number[]>>;
  readonly falsePositives: readonly string[];
  readonly falseNegatives: readonly string[];
}

export function firings({ messages }: Pick<Transcript, "messages">): Fired[] {
  const guards = new Guards();
  return messages.flatMap((answers, index) => {
    const firing = guards.watch(answers);
    return firing === null ? [] : [{ ...firing, message: index + 1 }];
  });
}

export function measure(corpus: readonly Transcript[]): Measured {
  const [loops, caught, right, wrong] = [counts(), counts(), counts(), counts()];
  const delays: Record<GuardName, number[]> = { repetition: [], cycle: [], same_error: [], no_progress: [] };
  const falsePositives: string[] = [];
  const falseNegatives: string[] = [];
  let caughtByAny = 0;
  for (const transcript of corpus) {
    const fired = firings(transcript);
    for (const loop of transcript.loops) {
      loops[loop.guard]++;
      const inside = fired.filter((firing) => isInside(firing, loop));
      for (const guard of new Set(inside.map(({ guard }) => guard))) right[guard]++;
      const inTime = inside.filter(({ message }) => message <= loop.due);
      if (inTime.length > 0) caughtByAny++;
      const first = inTime.find(({ guard }) => guard === loop.guard);
      if (first === undefined) {
        const instead = inside.map(({ guard, message }) => `${guard} at ${message}`).join(", ") || "nothing";
        falseNegatives.push(`${loop.guard} until ${loop.due}: ${transcript.name} (${instead})`);
      } else {
        caught[loop.guard]++;
        delays[loop.guard].push(first.message - loop.begins + 1);
      }
    }
    const outside = fired.filter((firing) => !transcript.loops.some((loop) => isInside(firing, loop)));
    for (const guard of new Set(outside.map(({ guard }) => guard))) wrong[guard]++;
    for (const { guard, message } of outside)
      falsePositives.push(`${guard} at ${message}: ${transcript.name}`);
  }
  return { loops, caught, right, wrong, caughtByAny, delays, falsePositives, falseNegatives };
}

function counts(): Record<GuardName, number> {
  return { repetition: 0, cycle: 0, same_error: 0, no_progress: 0 };
}

function isInside({ message }: Fired, { begins, ends }: Loop): boolean {
  return message >= begins && message <= ends;
}
