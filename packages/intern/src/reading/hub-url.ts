import type { Environment } from "../models/endpoints.ts";

/** The hub that is meant by huggingface.co. */
export function hubUrl(env: Environment): string {
  return env.HF_ENDPOINT || "https://huggingface.co";
}
