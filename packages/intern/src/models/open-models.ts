import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import {
  createAnthropicEngine,
  createGateway,
  createLlamaEngine,
  createOpenAiEngine,
  createRecipesEngine,
  type EmbeddedFigures,
  type EmbeddedPrompt,
  type Engine,
  gatewayFetch,
  type LlamaEngine,
  type PromptStates,
} from "@ml-intern/gateway";
import { type Environment, endpoints, isLocal } from "./endpoints.ts";

/** What decides which models a person has. */
export interface ModelPlace {
  readonly env: Environment;
  /** Its folder `models` holds GGUF files for the embedded engine, unless `ML_INTERN_MODELS` names another. */
  readonly home: string;
  /** Where the embedded engine keeps the states of prompts; default: the folder `cache/states` of the home. */
  readonly promptCache?: PromptStates;
  /** Told of each prompt of the embedded engine what need not be read of it. */
  readonly onPrompt?: ((prompt: EmbeddedPrompt) => void) | undefined;
}

/** Engines by the prefix of their model names. Disposing frees what the embedded one has loaded. */
export interface OpenedEngines extends EmbeddedFigures, AsyncDisposable {
  readonly engines: Readonly<Record<string, Engine>>;
}

/** Every engine of this machine, whether it answers or not. Nothing is loaded or asked yet. */
export function openEngines({ env, home, promptCache = {}, onPrompt = () => {} }: ModelPlace): OpenedEngines {
  const { folder = join(home, "cache", "states") } = promptCache;
  const llama: LlamaEngine = createLlamaEngine({
    modelsFolder: modelsFolder({ env, home }),
    promptCache: { ...promptCache, folder: join(folder, "llama") },
    onPrompt: (prompt) => onPrompt({ engine: "llama", ...prompt }),
  });
  const engines: Record<string, Engine> = { recipes: createRecipesEngine(), llama };
  if (env.ANTHROPIC_API_KEY !== undefined) {
    engines.anthropic = createAnthropicEngine({
      apiKey: env.ANTHROPIC_API_KEY,
      ...(env.ANTHROPIC_BASE_URL === undefined ? {} : { baseUrl: env.ANTHROPIC_BASE_URL }),
    });
  }
  for (const { name, baseUrl, apiKey } of endpoints(env)) {
    engines[name] = createOpenAiEngine({ name, baseUrl, ...(apiKey === undefined ? {} : { apiKey }) });
  }
  return {
    engines,
    queueLengths: () => ({ llama: llama.scheduler.queued }),
    promptStates: () => {
      const states = llama.promptStates();
      return states ? { llama: states } : {};
    },
    [Symbol.asyncDispose]: () => llama.close(),
  };
}

/** Where the embedded engine looks for GGUF files. */
export function modelsFolder({ env, home }: ModelPlace): string {
  return env.ML_INTERN_MODELS ?? join(home, "models");
}

/** True when the model's tokens cost nothing: the recipes, the embedded engine, and endpoints on this machine. */
export function isLocalModel(model: string, env: Environment): boolean {
  const prefix = model.slice(0, model.indexOf("/"));
  if (prefix === "recipes" || prefix === "llama") return true;
  const endpoint = endpoints(env).find(({ name }) => name === prefix);
  return endpoint !== undefined && isLocal(endpoint.baseUrl);
}

/** A client of the Messages API. Disposing of it frees the models that it made the process load. */
export interface MessagesClient extends AsyncDisposable {
  readonly client: Anthropic;
}

/**
 * The one way to think: the official client over the gateway. In process by default; over the network when
 * `ML_INTERN_MESSAGES_URL` names a Messages server (then `ML_INTERN_MESSAGES_KEY` is its key).
 */
export function openMessagesClient(place: ModelPlace): MessagesClient {
  const { ML_INTERN_MESSAGES_URL: remote, ML_INTERN_MESSAGES_KEY: key = "none" } = place.env;
  if (remote !== undefined) {
    const client = new Anthropic({ baseURL: remote, apiKey: key, maxRetries: 4 });
    return { client, [Symbol.asyncDispose]: async () => {} };
  }
  const opened = openEngines(place);
  const client = new Anthropic({
    baseURL: "http://gateway.local",
    apiKey: "in-process",
    fetch: gatewayFetch(createGateway({ engines: opened.engines })),
    // The loop owns retries: it knows what they cost and can show and cancel them.
    maxRetries: 0,
  });
  return { client, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}
