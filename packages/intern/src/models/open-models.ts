import Anthropic from "@anthropic-ai/sdk";
import {
  createAnthropicEngine,
  createGateway,
  createOpenAiEngine,
  createRecipesEngine,
  type Engine,
  gatewayFetch,
} from "@ml-intern/gateway";
import { type Environment, endpoints, isLocal } from "./endpoints.ts";

/** Every engine of this machine by the prefix of its model names, whether it answers or not. */
export function createEngines(env: Environment): Record<string, Engine> {
  const engines: Record<string, Engine> = { recipes: createRecipesEngine() };
  if (env.ANTHROPIC_API_KEY !== undefined) {
    engines.anthropic = createAnthropicEngine({
      apiKey: env.ANTHROPIC_API_KEY,
      ...(env.ANTHROPIC_BASE_URL === undefined ? {} : { baseUrl: env.ANTHROPIC_BASE_URL }),
    });
  }
  for (const { name, baseUrl, apiKey } of endpoints(env)) {
    engines[name] = createOpenAiEngine({ name, baseUrl, ...(apiKey === undefined ? {} : { apiKey }) });
  }
  return engines;
}

/** True when the model's tokens cost nothing: the recipes, and endpoints on this machine. */
export function isLocalModel(model: string, env: Environment): boolean {
  const prefix = model.slice(0, model.indexOf("/"));
  if (prefix === "recipes") return true;
  const endpoint = endpoints(env).find(({ name }) => name === prefix);
  return endpoint !== undefined && isLocal(endpoint.baseUrl);
}

/**
 * The one way to think: the official client over the gateway. In process by default; over the network when
 * `ML_INTERN_MESSAGES_URL` names a Messages server (then `ML_INTERN_MESSAGES_KEY` is its key).
 */
export function createMessagesClient(env: Environment): Anthropic {
  const remote = env.ML_INTERN_MESSAGES_URL;
  if (remote !== undefined) {
    return new Anthropic({ baseURL: remote, apiKey: env.ML_INTERN_MESSAGES_KEY ?? "none", maxRetries: 4 });
  }
  const inProcess = gatewayFetch(createGateway({ engines: createEngines(env) }));
  // The loop owns retries: it knows what they cost and can show and cancel them.
  return new Anthropic({
    baseURL: "http://gateway.local",
    apiKey: "in-process",
    fetch: inProcess,
    maxRetries: 0,
  });
}
