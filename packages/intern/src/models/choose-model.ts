import { type Endpoint, type Environment, endpoints } from "./endpoints.ts";

export interface ModelChoice {
  /** `engine/name`; the name may be empty when the engine's first model is meant. */
  readonly model: string;
  /** Why this one, in half a sentence for the person. */
  readonly reason: string;
}

const ANTHROPIC_DEFAULT = "claude-sonnet-5-5";
const HF_DEFAULT = "moonshotai/Kimi-K2.6";

/** The best model that the environment configures: Anthropic, then an OpenAI-compatible endpoint, then the recipes. */
export function chooseModel(env: Environment): ModelChoice {
  if (env.ML_INTERN_MODEL !== undefined)
    return { model: env.ML_INTERN_MODEL, reason: "ML_INTERN_MODEL is set" };
  if (env.ANTHROPIC_API_KEY !== undefined) {
    return {
      model: `anthropic/${env.ANTHROPIC_MODEL ?? ANTHROPIC_DEFAULT}`,
      reason: "ANTHROPIC_API_KEY is set",
    };
  }
  const configured = endpoints(env).find((endpoint) => endpoint.configured);
  if (configured !== undefined) {
    return {
      model: `${configured.name}/${defaultName(configured, env)}`,
      reason: `${configured.title} is configured`,
    };
  }
  return {
    model: "recipes/default",
    reason: "no language model is configured; `ml-intern models` says how to add one",
  };
}

function defaultName(endpoint: Endpoint, env: Environment): string {
  if (endpoint.name === "openai") return env.OPENAI_MODEL ?? "";
  return endpoint.name === "hf" ? HF_DEFAULT : "";
}
