import type { Facts } from "./facts.ts";
import type { Move } from "./move.ts";

/** One part of the work. `next` gives its next move, or null when nothing is left to do in it. */
export interface Stage {
  /** As the person's plan shows it. */
  readonly title: string;
  next(facts: Facts): Move | null;
}
