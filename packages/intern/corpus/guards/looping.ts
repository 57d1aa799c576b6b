// Sessions that go round in circles.
import { cycles } from "./looping/cycles.ts";
import { exactRepetition } from "./looping/exact-repetition.ts";
import { noProgress } from "./looping/no-progress.ts";
import { sameErrors } from "./looping/same-errors.ts";
import type { Transcript } from "./transcript.ts";

export const looping: readonly Transcript[] = [...exactRepetition, ...cycles, ...sameErrors, ...noProgress];
