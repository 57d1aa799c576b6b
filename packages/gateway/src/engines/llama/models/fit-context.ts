import type { ModelSettings } from "../llama-engine-options.ts";

export interface FitOptions {
  readonly settings: ModelSettings;
  readonly trainedContext: number | null;
  readonly bytesPerToken: number | null;
  /** What conversations may take. */
  readonly memory: number;
}

export interface ContextPlan {
  /** Tokens of one conversation. */
  readonly contextSize: number;
  readonly sequences: number;
  /** What all conversations take together, when they are full. */
  readonly bytes: number;
}

const USUAL_CONTEXT = 32_768;
const SMALLEST_CONTEXT = 4_096;
const UNKNOWN_CONTEXT = 4_096;
const USUAL_SEQUENCES = 4;

/**
 * How long conversations may get and how many there are at once. What the settings say is kept; otherwise there are
 * fewer conversations when memory is short, and then shorter ones.
 */
export function fitContext({ settings, trainedContext, bytesPerToken, memory }: FitOptions): ContextPlan {
  const trained = trainedContext ?? UNKNOWN_CONTEXT;
  let contextSize = settings.contextSize ?? Math.min(trained, USUAL_CONTEXT);
  let sequences = settings.sequences ?? USUAL_SEQUENCES;
  const bytes = (): number => contextSize * sequences * (bytesPerToken ?? 0);
  while (bytes() > memory && sequences > 1 && settings.sequences === undefined) sequences--;
  while (bytes() > memory && contextSize > SMALLEST_CONTEXT && settings.contextSize === undefined) {
    contextSize = Math.max(SMALLEST_CONTEXT, Math.floor(contextSize / 2));
  }
  return { contextSize, sequences, bytes: bytes() };
}
