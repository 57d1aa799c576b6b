import { createLlamaEngine, type LlamaEngine } from "../engines/llama/create-llama-engine.ts";
import type {
  LlamaEngineOptions,
  LlamaModelOptions,
  ModelSettings,
  PromptStates,
} from "../engines/llama/llama-engine-options.ts";
import { defined } from "./defined.ts";
import type { LlamaModelSettings, LlamaSettings } from "./engine-schema.ts";

export interface OpenLlamaOptions {
  /** Makes a path of the configuration absolute. */
  readonly path: (path: string) => string;
  readonly promptCache: PromptStates;
  readonly onPrompt: NonNullable<LlamaEngineOptions["onPrompt"]>;
  readonly log: (message: string) => void;
}

/** The embedded engine as the configuration describes it. */
export function openLlama(
  name: string,
  { type: _, models = {}, folder, memoryGigabytes, maxWaitSeconds, ...settings }: LlamaSettings,
  { path, promptCache, onPrompt, log }: OpenLlamaOptions,
): LlamaEngine {
  const { threads, gpu, maxQueued } = settings;
  return createLlamaEngine({
    name,
    models: Object.fromEntries(
      Object.entries(models).map(([model, options]): [string, LlamaModelOptions] => [
        model,
        { ...modelSettings(options), path: path(options.path) },
      ]),
    ),
    ...modelSettings(settings),
    promptCache,
    onPrompt,
    ...defined({
      threads,
      gpu,
      maxQueued,
      modelsFolder: folder === undefined ? undefined : path(folder),
      memoryLimit: memoryGigabytes === undefined ? undefined : memoryGigabytes * 1024 ** 3,
      maxWaitMs: maxWaitSeconds === undefined ? undefined : maxWaitSeconds * 1000,
    }),
    log: ({ level, message }) => log(level === "info" ? message : `${level}: ${message}`),
  });
}

function modelSettings({ contextSize, sequences, sampling }: LlamaModelSettings): ModelSettings {
  return defined({ contextSize, sequences, sampling: sampling && defined(sampling) });
}
