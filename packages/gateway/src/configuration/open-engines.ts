import { join, resolve } from "node:path";
import { createAnthropicEngine } from "../engines/anthropic/create-anthropic-engine.ts";
import type { Engine, EngineModel } from "../engines/engine.ts";
import type { PromptStates } from "../engines/llama/llama-engine-options.ts";
import { createOpenAiEngine } from "../engines/openai/create-openai-engine.ts";
import { createRecipesEngine } from "../engines/recipes/recipes-engine.ts";
import type { EmbeddedFigures, EmbeddedPrompt } from "../metrics/embedded-metrics.ts";
import type { CoalesceOptions } from "../streaming/coalesce-deltas.ts";
import { defined } from "./defined.ts";
import type { EngineSettings, OpenAiSettings, StatedModel } from "./engine-schema.ts";
import { openLlama } from "./open-llama.ts";

export interface OpenEnginesOptions {
  /** Relative paths of files start here: the configuration file's folder. */
  readonly folder: string;
  readonly coalesce: CoalesceOptions;
  /** Where embedded engines keep the states of prompts, each in a folder of its own name; default: in memory. */
  readonly promptCache?: PromptStates;
  /** Told of each prompt of an embedded engine what need not be read of it. */
  readonly onPrompt?: ((prompt: EmbeddedPrompt) => void) | undefined;
  /** Hears what an embedded engine does, such as loading a model. */
  readonly log: (message: string) => void;
}

/** Engines that may hold memory and threads. */
export interface OpenedEngines extends EmbeddedFigures, AsyncDisposable {
  readonly engines: Readonly<Record<string, Engine>>;
}

/** Makes the engines of a configuration. Nothing is contacted and no model is loaded yet. */
export function openEngines(
  settings: Readonly<Record<string, EngineSettings>>,
  { folder, coalesce, promptCache = {}, onPrompt = () => {}, log }: OpenEnginesOptions,
): OpenedEngines {
  const llamas = new Map<string, ReturnType<typeof openLlama>>();

  function open(name: string, engine: EngineSettings): Engine {
    switch (engine.type) {
      case "anthropic":
        return createAnthropicEngine({
          name,
          apiKey: engine.apiKey,
          ...defined({ baseUrl: engine.baseUrl, silenceMs: milliseconds(engine.silenceSeconds) }),
        });
      case "openai":
        return openAi(name, engine, coalesce);
      case "llama": {
        const states = promptCache.folder === undefined ? {} : { folder: join(promptCache.folder, name) };
        const llama = openLlama(name, engine, {
          path: (path) => resolve(folder, path),
          promptCache: { ...promptCache, ...states },
          onPrompt: (prompt) => onPrompt({ engine: name, ...prompt }),
          log,
        });
        llamas.set(name, llama);
        return llama;
      }
      case "recipes":
        return createRecipesEngine();
      default:
        return engine satisfies never;
    }
  }

  const engines = Object.fromEntries(
    Object.entries(settings).map(([name, engine]) => [name, open(name, engine)]),
  );
  return {
    engines,
    queueLengths: () =>
      Object.fromEntries([...llamas].map(([name, { scheduler }]) => [name, scheduler.queued])),
    promptStates: () =>
      Object.fromEntries(
        [...llamas].flatMap(([name, llama]) => {
          const stats = llama.promptStates();
          return stats ? [[name, stats]] : [];
        }),
      ),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...llamas.values()].map((llama) => llama.close()));
    },
  };
}

function openAi(
  name: string,
  { type: _, baseUrl, models, silenceSeconds, ...settings }: OpenAiSettings,
  coalesce: CoalesceOptions,
): Engine {
  return createOpenAiEngine({
    name,
    baseUrl,
    coalesce,
    ...defined({
      ...settings,
      models: models && Object.entries(models).map(statedModel),
      silenceMs: milliseconds(silenceSeconds),
    }),
  });
}

function statedModel([id, model]: readonly [string, StatedModel]): EngineModel {
  return {
    id,
    displayName: model.displayName ?? id,
    contextWindow: model.contextTokens ?? null,
    maxOutputTokens: model.maxOutputTokens ?? null,
    supportsImages: model.images ?? false,
    supportsThinking: model.thinking ?? false,
  };
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
