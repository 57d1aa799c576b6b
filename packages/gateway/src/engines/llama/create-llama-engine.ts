import { totalmem } from "node:os";
import type { CountTokensRequest, MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import { isInScope, type PromptHolder } from "../../cache/held-prompts.ts";
import type { Measured } from "../../cache/measure.ts";
import type { PromptPlace } from "../../cache/prompt/prompt-block.ts";
import { createId } from "../../create-id.ts";
import { GatewayError } from "../../gateway-error.ts";
import { coalesceDeltas } from "../../streaming/coalesce-deltas.ts";
import { within } from "../../streaming/within.ts";
import type { Engine, EngineModel, GenerateOptions } from "../engine.ts";
import { generateAnswer } from "./generation/generate-answer.ts";
import type { LlamaEngineOptions } from "./llama-engine-options.ts";
import { measurePrompt } from "./measuring/measure-prompt.ts";
import { fitContext } from "./models/fit-context.ts";
import { KnownFiles } from "./models/known-files.ts";
import { fittingPrompt, type LoadedModel, loadModel, promptOf } from "./models/loaded-model.ts";
import { modelCatalog } from "./models/model-catalog.ts";
import { ModelPool } from "./models/model-pool.ts";
import { type LlamaRuntime, openLlamaRuntime } from "./runtime/llama-runtime.ts";
import { createScheduler, type Scheduler } from "./scheduler/scheduler.ts";
import { createStateStore, type StateStore, type StateStoreStats } from "./state/store/state-store.ts";

/** The embedded engine. It holds memory and threads: close it. */
export interface LlamaEngine extends Engine, AsyncDisposable {
  describe(model: string): Promise<EngineModel | null>;
  measure: NonNullable<Engine["measure"]>;
  readonly prompts: PromptHolder;
  readonly scheduler: Scheduler;
  /** What is kept of prompts; null before the first model is loaded, and when the engine is closed. */
  promptStates(): StateStoreStats | null;
  /** Cuts off answers that are being written, frees all models, and llama.cpp when nobody else in the process uses it. */
  close(): Promise<void>;
}

/** The part of the machine's memory that models may take when nothing else is said. */
const MEMORY_SHARE = 0.8;
/** The part of the models' memory that states of prompts may take beside it. */
const STATE_SHARE = 0.1;
/** What states may take on disk when nothing else is said. */
const DISK_LIMIT = 20 * 1024 ** 3;
/** How long answers get to end when the engine is closed. */
const CLOSE_MS = 2_000;
const USUAL_SAMPLING = { temperature: 0.7, topP: 0.95, topK: 40 } as const;

/**
 * An engine that runs GGUF models within this process, by llama.cpp. Nothing is loaded before the first request that
 * needs it. Models are those of the configuration and of one folder; a request cannot open any other file.
 */
export function createLlamaEngine({
  name = "llama",
  models = {},
  modelsFolder,
  contextSize,
  sequences,
  sampling = {},
  threads,
  gpu = false,
  memoryLimit = MEMORY_SHARE * usableMemory(),
  promptCache = {},
  maxQueued,
  maxWaitMs,
  log = () => {},
  onSchedulerEvent = () => {},
  onPrompt = () => {},
  newId = createId,
}: LlamaEngineOptions): LlamaEngine {
  const defaults = {
    ...(contextSize === undefined ? {} : { contextSize }),
    ...(sequences === undefined ? {} : { sequences }),
    sampling,
  };
  const catalog = modelCatalog({ models, modelsFolder: modelsFolder ?? null, defaults, prefix: name });
  const scheduler = createScheduler({
    ...(maxQueued === undefined ? {} : { maxQueued }),
    ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
    onEvent: onSchedulerEvent,
  });
  const files = new KnownFiles();
  const closing = new AbortController();
  const answering = new Set<Promise<void>>();
  let runtime: Promise<LlamaRuntime> | null = null;
  let states: Promise<StateStore> | null = null;
  let openStates: StateStore | null = null;
  const pool = new ModelPool<LoadedModel>({
    memoryLimit,
    measure: async (model) => {
      const { file, plan } = await planOf(model);
      return file.bytes + plan.bytes;
    },
    load,
    onUnload: (model) => log({ level: "info", message: `unloaded ${name}/${model}` }),
  });

  const warn = (message: string): void => log({ level: "warn", message });

  function stateStore(): Promise<StateStore> {
    const { folder, diskLimit: limit = DISK_LIMIT } = promptCache;
    states ??= createStateStore({
      memoryLimit: promptCache.memoryLimit ?? STATE_SHARE * memoryLimit,
      ...(folder === undefined ? {} : { disk: { folder, limit } }),
      warn,
    });
    return states;
  }

  async function planOf(model: string) {
    const options = await catalog.find(model);
    const known = await files.read(`${name}/${model}`, options.path);
    const memory = Math.max(0, memoryLimit - known.file.bytes);
    return { ...known, options, plan: fitContext({ settings: options, ...known.facts, memory }) };
  }

  async function load(model: string): Promise<LoadedModel> {
    const { options, file, facts, format, plan } = await planOf(model);
    runtime ??= openLlamaRuntime({ gpu, log, ...(threads === undefined ? {} : { threads }) });
    const opened = await runtime.catch((error: unknown) => {
      runtime = null;
      throw error;
    });
    openStates = await stateStore();
    const began = performance.now();
    const loaded = await loadModel({
      name: `${name}/${model}`,
      modelName: model,
      file,
      facts,
      format,
      plan,
      sampling: { ...USUAL_SAMPLING, ...facts.sampling, ...options.sampling },
      runtime: opened,
      states: openStates,
      warn,
      onPlaced: (placed) => onPrompt({ model, ...placed }),
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    log({
      level: "info",
      message: `loaded ${name}/${model} in ${seconds} s: ${plan.sequences} × ${plan.contextSize} tokens, ${opened.threads} threads`,
    });
    return loaded;
  }

  async function* generate(
    request: MessagesRequest,
    options: GenerateOptions,
  ): AsyncGenerator<MessageStreamEvent> {
    const signal = AbortSignal.any([options.signal, closing.signal]);
    let ended = (): void => {};
    const answer = new Promise<void>((resolve) => {
      ended = resolve;
    });
    answering.add(answer);
    try {
      yield* answerWith(request, { ...options, signal });
    } finally {
      answering.delete(answer);
      ended();
    }
  }

  async function* answerWith(
    request: MessagesRequest,
    options: GenerateOptions,
  ): AsyncGenerator<MessageStreamEvent> {
    const lease = await pool.acquire(request.model, options);
    try {
      const { loop } = await (runtime ?? Promise.reject(isClosed()));
      const answer = generateAnswer(request, { ...options, model: lease.model, loop, scheduler, newId });
      yield* coalesceDeltas(answer);
    } catch (error) {
      // What is not a failure of this one request may be one of the model's memory: it is loaded anew.
      if (!(error instanceof GatewayError) && !options.signal.aborted) pool.discard(request.model);
      throw error;
    } finally {
      lease.release();
    }
  }

  async function countTokens(request: CountTokensRequest, options: GenerateOptions): Promise<number> {
    const signal = AbortSignal.any([options.signal, closing.signal]);
    const lease = await pool.acquire(request.model, { signal });
    try {
      return (await promptOf(lease.model, request, { ...options, signal })).tokens.length;
    } finally {
      lease.release();
    }
  }

  async function measure(
    request: CountTokensRequest,
    places: readonly PromptPlace[],
    options: GenerateOptions,
  ): Promise<Measured> {
    const signal = AbortSignal.any([options.signal, closing.signal]);
    const lease = await pool.acquire(request.model, { signal });
    try {
      const { model } = lease;
      const measured = await measurePrompt(model, request, places, { ...options, signal });
      const { tokens } = await fittingPrompt(model, request, { ...options, signal });
      const { workspace } = options;
      const seat = model.seats.ownFor(tokens, workspace);
      return { ...measured, held: model.memory.held(tokens, { seat, workspace }) };
    } finally {
      lease.release();
    }
  }

  async function openedStates(): Promise<StateStore> {
    closing.signal.throwIfAborted();
    return stateStore();
  }

  const prompts: PromptHolder = {
    held: async () => (await openedStates()).held().map((states) => ({ ...states, entries: 0, tokens: 0 })),
    clear: async (scope) => {
      const store = await openedStates();
      // First what is in use, so that nothing of it is stored after the rest has gone.
      for (const loaded of await pool.loaded()) {
        const isMeant = scope.model === undefined || scope.model === loaded.name;
        if (isMeant) loaded.model.forget(scope.workspace ?? null);
      }
      await store.clear((owner) => isInScope(owner, scope));
    },
  };

  async function read(model: string): Promise<EngineModel> {
    const { facts, format, plan, writtenAt } = await planOf(model);
    return {
      id: model,
      displayName: facts.name,
      contextWindow: plan.contextSize,
      // An answer may fill what the prompt leaves; asking for more is no error.
      maxOutputTokens: null,
      supportsImages: false,
      supportsThinking: format.supportsThinking,
      createdAt: writtenAt,
    };
  }

  async function listModels(): Promise<readonly EngineModel[]> {
    const listed: EngineModel[] = [];
    for (const model of await catalog.names()) {
      // One bad file must not hide the others; asking for its model says what is wrong.
      const found = await read(model).catch((error: unknown) => {
        log({ level: "warn", message: error instanceof Error ? error.message : String(error) });
        return null;
      });
      if (found) listed.push(found);
    }
    return listed;
  }

  async function close(): Promise<void> {
    closing.abort(isClosed());
    // A client that does not read holds its answer open; its model goes all the same.
    await within(Promise.all(answering), CLOSE_MS);
    await pool.close();
    const opened = await runtime?.catch(() => null);
    runtime = null;
    await opened?.close();
    const store = await states?.catch(() => null);
    states = null;
    openStates = null;
    await store?.close();
  }

  return {
    name,
    scheduler,
    promptStates: () => openStates?.stats() ?? null,
    generate,
    countTokens,
    measure,
    prompts,
    // What is wrong with a model is said by `generate`, which has to open it.
    describe: (model) => read(model).catch(() => null),
    listModels,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isClosed(): GatewayError {
  return new GatewayError("The embedded engine is closed", {
    code: "overloaded",
    status: 503,
    type: "api_error",
    mend: "The server is about to end; ask again when it is back.",
  });
}

/** What this process may use: containers often get less than the machine has. */
function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
