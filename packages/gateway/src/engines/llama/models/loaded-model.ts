import type { CountTokensRequest } from "@ml-intern/messages";
import type { LlamaContext, LlamaModel, Token } from "node-llama-cpp";
import type { ChatFormat } from "../formats/chat-format.ts";
import { chooseFormat } from "../formats/choose-format.ts";
import { createGrammars, type Grammars } from "../generation/grammars.ts";
import type { Sampling } from "../llama-engine-options.ts";
import type { LlamaRuntime } from "../runtime/llama-runtime.ts";
import { Seats } from "../sequences/seats.ts";
import type { ModelFile } from "./check-model-file.ts";
import type { ContextPlan } from "./fit-context.ts";
import { modelUnusable } from "./model-error.ts";
import type { ModelFacts } from "./model-facts.ts";

/** A model in memory, ready to answer. */
export interface LoadedModel {
  readonly name: string;
  readonly format: ChatFormat;
  readonly seats: Seats;
  readonly grammars: Grammars;
  /** Tokens of prompt and answer together. */
  readonly window: number;
  readonly sampling: Sampling;
  /** Tokenizes text in which special tokens are meant. */
  readonly tokenize: (text: string) => readonly Token[];
  readonly detokenize: (tokens: readonly Token[]) => string;
  /** A prompt's pieces as tokens. */
  readonly promptTokens: (pieces: readonly string[]) => readonly Token[];
  /** Bytes that it and its conversations may take. */
  readonly bytes: number;
  close(): Promise<void>;
}

export interface LoadModelOptions {
  readonly name: string;
  readonly file: ModelFile;
  readonly facts: ModelFacts;
  readonly plan: ContextPlan;
  readonly sampling: Sampling;
  readonly runtime: LlamaRuntime;
}

/** Loads a model whose file has been checked. Throws a `GatewayError` with llama.cpp's own reason when it cannot. */
export async function loadModel(options: LoadModelOptions): Promise<LoadedModel> {
  const { name, file, facts, plan, sampling, runtime } = options;
  const { llama, threads } = runtime;
  const format = chooseFormat(facts.chat);
  const model = await explained(options, "llama.cpp cannot load it", () =>
    llama.loadModel({ modelPath: file.path }),
  );
  try {
    const context = await explained(options, `there is no room for ${plan.sequences} conversations`, () =>
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
    );
    return {
      name,
      format,
      seats: new Seats(context),
      grammars: createGrammars(llama, model),
      window: plan.contextSize,
      sampling,
      tokenize: (text) => model.tokenize(text, true),
      detokenize: (tokens) => model.detokenize(tokens, true),
      promptTokens: (pieces) => promptTokens(model, pieces),
      bytes: file.bytes + plan.bytes,
      close: () => close(model, context),
    };
  } catch (error) {
    await model.dispose();
    throw error;
  }
}

/** Counts a prompt as the model sees it. */
export function promptOf(
  model: LoadedModel,
  request: CountTokensRequest,
): {
  readonly turn: ReturnType<ChatFormat["openTurn"]>;
  readonly tokens: readonly Token[];
} {
  const turn = model.format.openTurn(request);
  return { turn, tokens: model.promptTokens(turn.prompt) };
}

function promptTokens(model: LlamaModel, pieces: readonly string[]): readonly Token[] {
  const { bos, bosString, shouldPrependBosToken } = model.tokens;
  const isMissing = shouldPrependBosToken && bos !== null && !pieces[0]?.startsWith(bosString ?? "\0");
  const tokens = pieces.flatMap((piece, index) =>
    // Some tokenizers put a space before every text; a piece in the middle of one must not get it.
    model.tokenize(piece, true, index === 0 ? undefined : "trimLeadingSpace"),
  );
  return isMissing ? [bos, ...tokens] : tokens;
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

async function close(model: LlamaModel, context: LlamaContext): Promise<void> {
  await context.dispose();
  await model.dispose();
}
