import type { PlacedPrompt } from "./memory/prompt-memory.ts";
import type { LlamaLog } from "./runtime/llama-runtime.ts";
import type { SchedulerEvent } from "./scheduler/scheduler.ts";

export interface Sampling {
  /** 0 always takes the likeliest token. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  /** Makes answers repeatable; without, each is drawn anew. */
  readonly seed?: number;
}

/** What can be said about each model, or about all. */
export interface ModelSettings {
  /** Tokens of prompt and answer together; default what the model was trained for, at most 32,768 and what memory allows. */
  readonly contextSize?: number;
  /** Conversations that are answered at the same time, each with memory of its own; default 4, fewer when memory is short. */
  readonly sequences?: number;
  /** Used where a request says nothing; default what the model's file recommends, else temperature 0.7, top_p 0.95, top_k 40. */
  readonly sampling?: Sampling;
}

export interface LlamaModelOptions extends ModelSettings {
  /** Of the GGUF file; the first part, when the model comes in several. */
  readonly path: string;
}

/** Where the states of prompts are kept. */
export interface PromptStates {
  /** Bytes in memory; default: a tenth of what models may take. */
  readonly memoryLimit?: number;
  /** Where they outlive the process; one process at a time can have it. Without it they are in memory only. */
  readonly folder?: string;
  /** Bytes in the folder; default 20 GiB. */
  readonly diskLimit?: number;
}

export interface LlamaEngineOptions extends ModelSettings {
  /** The prefix that model names carry in messages to the person; default `llama`. */
  readonly name?: string;
  /** Models by the names that requests use. */
  readonly models?: Readonly<Record<string, LlamaModelOptions>>;
  /** A folder whose `*.gguf` files can be asked for by their names without the ending. */
  readonly modelsFolder?: string;
  /** Threads to compute on, always; default as many as there are cores to spare at the moment. One setting for the whole process. */
  readonly threads?: number;
  /** Whether llama.cpp may use a graphics card that it finds; default false. */
  readonly gpu?: boolean;
  /**
   * Bytes that all loaded models and their conversations may take; default 80 % of the machine's. The model that was
   * not used for longest makes room for another.
   */
  readonly memoryLimit?: number;
  readonly promptCache?: PromptStates;
  /** Requests that may wait for a slot; one more is refused with 529. Default 64. */
  readonly maxQueued?: number;
  /** Longest wait for a slot; default 2 minutes. */
  readonly maxWaitMs?: number;
  readonly log?: LlamaLog;
  /** Told of each prompt what need not be read of it. */
  readonly onPrompt?: (placed: PlacedPrompt & { readonly model: string }) => void;
  readonly onSchedulerEvent?: (event: SchedulerEvent) => void;
  readonly newId?: (prefix: "msg" | "toolu") => string;
}
