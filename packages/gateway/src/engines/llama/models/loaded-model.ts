import type { CountTokensRequest } from "@ml-intern/messages";
import type { LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import { type GatewayError, invalidRequest } from "../../../gateway-error.ts";
import { CHARACTERS_PER_TOKEN } from "../../estimate-tokens.ts";
import type { ChatFormat, ChatTurn } from "../formats/chat-format.ts";
import { createGrammars, type Grammars } from "../generation/grammars.ts";
import type { Sampling } from "../llama-engine-options.ts";
import { openPromptMemory } from "../memory/open-prompt-memory.ts";
import type { PlacedPrompt, PromptMemory } from "../memory/prompt-memory.ts";
import { letGoOnFailure } from "../runtime/let-go-on-failure.ts";
import type { LlamaRuntime } from "../runtime/llama-runtime.ts";
import { Seats } from "../sequences/seats.ts";
import type { ScratchFile } from "../state/format/scratch-file.ts";
import type { StateStore } from "../state/store/state-store.ts";
import type { ModelFile } from "./check-model-file.ts";
import type { ContextPlan } from "./fit-context.ts";
import { modelUnusable } from "./model-error.ts";
import type { ModelFacts } from "./model-facts.ts";
import { PromptMemo } from "./prompt-memo.ts";
import {
  createPromptTokenizer,
  type PromptTokenizer,
  type PromptTokensOptions,
  type TokenizedPrompt,
} from "./prompt-tokens.ts";

/** A model in memory, ready to answer. */
export interface LoadedModel {
  readonly name: string;
  readonly format: ChatFormat;
  readonly seats: Seats;
  readonly memory: PromptMemory;
  readonly grammars: Grammars;
  /** Tokens of prompt and answer together. */
  readonly window: number;
  readonly longestToken: number;
  readonly sampling: Sampling;
  /** Tokenizes text in which special tokens are meant. */
  readonly tokenize: (text: string) => readonly Token[];
  readonly detokenize: (tokens: readonly Token[]) => string;
  readonly tokenizePrompt: PromptTokenizer;
  /** Of requests that are still held: one is measured before it is answered. */
  readonly prompts: WeakMap<CountTokensRequest, Prompt>;
  /** Bytes that it and its conversations may take. */
  readonly bytes: number;
  /** Lets go of what it remembers of a workspace's prompts beside the states that are stored; null: of all. */
  forget(workspace: string | null): void;
  close(): Promise<void>;
}

export interface LoadModelOptions {
  /** With its engine. */
  readonly name: string;
  /** As requests name it at the engine. */
  readonly modelName: string;
  readonly file: ModelFile;
  readonly facts: ModelFacts;
  readonly format: ChatFormat;
  readonly plan: ContextPlan;
  readonly sampling: Sampling;
  readonly runtime: LlamaRuntime;
  /** Where the states of its prompts are kept. */
  readonly states: StateStore;
  readonly warn: (message: string) => void;
  readonly onPlaced: (placed: PlacedPrompt) => void;
}

/** Loads a model whose file has been checked. Throws a `GatewayError` with llama.cpp's own reason when it cannot. */
export async function loadModel(options: LoadModelOptions): Promise<LoadedModel> {
  const { name, file, facts, format, plan, sampling, runtime } = options;
  const { llama, threads } = runtime;
  const model = await explained(options, "llama.cpp cannot load it", () =>
    letGoOnFailure(llama, () => llama.loadModel({ modelPath: file.path })),
  );
  try {
    const context = await explained(options, `there is no room for ${plan.sequences} conversations`, () =>
      letGoOnFailure(model, () =>
        model.createContext({
          // The library gives up the last place of a context for moving tokens around, which never happens here.
          contextSize: plan.contextSize + 1,
          sequences: plan.sequences,
          threads,
          flashAttention: true,
          // Otherwise the beginning of a conversation is forgotten, and read again at each turn.
          swaFullCache: true,
          failedCreationRemedy: false,
        }),
      ),
    );
    const { memory, file: scratch } = await openPromptMemory({ ...options, model, context });
    const seats = new Seats(context);
    const memo = new PromptMemo();
    return {
      name,
      format,
      seats,
      memory,
      grammars: createGrammars(llama, model),
      window: plan.contextSize,
      longestToken: facts.longestToken,
      sampling,
      tokenize: (text) => model.tokenize(text, true),
      detokenize: (tokens) => model.detokenize(tokens, true),
      tokenizePrompt: createPromptTokenizer(model, memo),
      prompts: new WeakMap(),
      bytes: file.bytes + plan.bytes,
      forget: (workspace) => {
        seats.forget(workspace);
        memory.firstTokens.forget(workspace);
        memo.forget(workspace);
      },
      close: () => close(model, context, scratch),
    };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/** What of a model makes prompts. */
export type PromptModel = Pick<
  LoadedModel,
  "format" | "window" | "longestToken" | "tokenizePrompt" | "prompts"
>;

/** A request as the model sees it. */
export interface Prompt extends TokenizedPrompt {
  readonly turn: ChatTurn;
}

/** The same request object is rendered and tokenized once. */
export async function promptOf(
  model: PromptModel,
  request: CountTokensRequest,
  options: PromptTokensOptions,
): Promise<Prompt> {
  return model.prompts.get(request) ?? makePrompt(model, request, { ...options, mostCharacters: Infinity });
}

/** The same, for a request that has to fit the model's window. Throws `prompt is too long`, with both numbers. */
export async function fittingPrompt(
  model: PromptModel,
  request: CountTokensRequest,
  options: PromptTokensOptions,
): Promise<Prompt> {
  // Tokenizing takes a while: a text that cannot fit is not tokenized, and its count is an estimate.
  const mostCharacters = model.window * model.longestToken;
  const prompt =
    model.prompts.get(request) ?? (await makePrompt(model, request, { ...options, mostCharacters }));
  if (prompt.tokens.length > model.window) throw tooLong(prompt.tokens.length, model);
  return prompt;
}

async function makePrompt(
  model: PromptModel,
  request: CountTokensRequest,
  { mostCharacters, ...options }: PromptTokensOptions & { readonly mostCharacters: number },
): Promise<Prompt> {
  const turn = model.format.openTurn(request);
  const length = turn.prompt.reduce((sum, piece) => sum + piece.length, 0);
  if (length > mostCharacters) throw tooLong(length / CHARACTERS_PER_TOKEN, model);
  const prompt = { turn, ...(await model.tokenizePrompt(turn.prompt, options)) };
  model.prompts.set(request, prompt);
  return prompt;
}

function tooLong(tokens: number, { window }: PromptModel): GatewayError {
  return invalidRequest(`prompt is too long: ${Math.ceil(tokens)} tokens > ${window} maximum`);
}

async function explained<T>(
  { name, file, runtime }: LoadModelOptions,
  what: string,
  action: () => Promise<T>,
): Promise<T> {
  runtime.takeComplaints();
  try {
    return await action();
  } catch (error) {
    const said = [...runtime.takeComplaints(), error instanceof Error ? error.message : String(error)];
    const architecture = said
      .map((line) => /unknown model architecture: '([^']*)'/.exec(line)?.[1])
      .find(Boolean);
    if (architecture) {
      throw modelUnusable(
        name,
        `this version of llama.cpp does not know its architecture, ${architecture}`,
        "Update ml-intern, or use another model.",
        error,
      );
    }
    const isMemory = said.some((line) =>
      /insufficient memory|too large|failed to allocate|out of memory/i.test(line),
    );
    throw modelUnusable(
      name,
      `${what}: ${said[0] ?? "it gives no reason"}`,
      isMemory
        ? "Set a smaller contextSize or fewer sequences for it, or use a smaller model."
        : `Check the file ${file.path}, or fetch it again.`,
      error,
    );
  }
}

async function close(model: LlamaModel, context: LlamaContext, scratch: ScratchFile): Promise<void> {
  await context.dispose();
  await model.dispose();
  await scratch.close();
}
