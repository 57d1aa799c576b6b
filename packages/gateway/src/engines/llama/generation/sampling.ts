import { randomInt } from "node:crypto";
import type { MessagesRequest } from "@ml-intern/messages";
import type { LoadedModel } from "../models/loaded-model.ts";

/** How tokens are drawn. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  /** The same for every answer where the model's settings fix it; otherwise null, and each answer draws anew. */
  readonly seed: number | null;
}

export function samplingOf(
  { temperature, top_p: topP, top_k: topK }: MessagesRequest,
  { sampling }: LoadedModel,
): Sampling {
  return {
    temperature: temperature ?? sampling.temperature ?? 1,
    topP: topP ?? sampling.topP ?? 1,
    topK: topK ?? sampling.topK ?? 0,
    seed: sampling.seed ?? null,
  };
}

/** The library's own form. */
export function drawing({ seed, ...settings }: Sampling): Omit<Sampling, "seed"> & { readonly seed: number } {
  return { ...settings, seed: seed ?? randomInt(2 ** 32 - 1) };
}
