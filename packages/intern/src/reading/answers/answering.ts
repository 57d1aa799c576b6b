import type { Reading } from "../reading.ts";

/** What it takes to answer a call of a tool that reads. */
export interface Answering {
  readonly reading: Reading;
  readonly signal: AbortSignal;
}
