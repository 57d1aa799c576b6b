import { z } from "zod";
import { section } from "./section.ts";
import { flag, httpUrl, longSecret, positiveNumber, secret, wholeNumber } from "./values.ts";

/** One engine as the configuration file describes it. */
export type EngineSettings = AnthropicSettings | OpenAiSettings | LlamaSettings | RecipesSettings;

export interface AnthropicSettings {
  readonly type: "anthropic";
  readonly apiKey: string;
  readonly baseUrl?: string | undefined;
  readonly silenceSeconds?: number | undefined;
}

export interface OpenAiSettings {
  readonly type: "openai";
  readonly baseUrl: string;
  readonly apiKey?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly replayThinking?: boolean | undefined;
  readonly sendsEffort?: boolean | undefined;
  readonly sendsFiles?: boolean | undefined;
  readonly sendsCacheKey?: boolean | undefined;
  /** A secret of the person's own making. */
  readonly cacheSalt?: string | undefined;
  readonly silenceSeconds?: number | undefined;
  /** Offered instead of what the endpoint lists. */
  readonly models?: Readonly<Record<string, StatedModel>> | undefined;
}

export interface StatedModel {
  readonly displayName?: string | undefined;
  readonly contextTokens?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly images?: boolean | undefined;
  readonly thinking?: boolean | undefined;
}

export interface LlamaModelSettings {
  readonly contextSize?: number | undefined;
  readonly sequences?: number | undefined;
  readonly sampling?: SamplingSettings | undefined;
}

export interface SamplingSettings {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly seed?: number | undefined;
}

export interface LlamaSettings extends LlamaModelSettings {
  readonly type: "llama";
  /** Files by the names of the models. */
  readonly models?: Readonly<Record<string, LlamaModelSettings & { readonly path: string }>> | undefined;
  readonly folder?: string | undefined;
  readonly threads?: number | undefined;
  readonly gpu?: boolean | undefined;
  readonly memoryGigabytes?: number | undefined;
  readonly maxQueued?: number | undefined;
  readonly maxWaitSeconds?: number | undefined;
}

export interface RecipesSettings {
  readonly type: "recipes";
}

const count = wholeNumber({ least: 1 }).optional();

const anthropic = section({
  type: z.literal("anthropic"),
  apiKey: secret(),
  baseUrl: httpUrl().optional(),
  silenceSeconds: count,
});

/** What an endpoint cannot say of its own models. */
const statedModel = section({
  displayName: z.string().min(1).optional(),
  contextTokens: count,
  maxOutputTokens: count,
  images: flag().optional(),
  thinking: flag().optional(),
});

const openai = section({
  type: z.literal("openai"),
  baseUrl: httpUrl(),
  apiKey: secret().optional(),
  headers: z.record(z.string(), secret()).optional(),
  replayThinking: flag().optional(),
  sendsEffort: flag().optional(),
  sendsFiles: flag().optional(),
  sendsCacheKey: flag().optional(),
  cacheSalt: longSecret().optional(),
  silenceSeconds: count,
  models: z.record(z.string().min(1), statedModel).optional(),
});

const perModel = {
  contextSize: wholeNumber({ least: 256 }).optional(),
  sequences: wholeNumber({ least: 1, most: 64 }).optional(),
  sampling: section({
    temperature: z.number().min(0).max(2).optional(),
    topP: z.number().min(0).max(1).optional(),
    topK: count,
    seed: wholeNumber({ least: 0 }).optional(),
  }).optional(),
};

const llama = section({
  type: z.literal("llama"),
  // A path alone is enough for a model.
  models: z
    .record(
      z.string().min(1),
      z.preprocess(
        (value) => (typeof value === "string" ? { path: value } : value),
        section({ path: z.string().min(1), ...perModel }),
      ),
    )
    .optional(),
  folder: z.string().min(1).optional(),
  ...perModel,
  threads: count,
  gpu: flag().optional(),
  memoryGigabytes: positiveNumber().optional(),
  maxQueued: count,
  maxWaitSeconds: count,
});

const recipes = section({ type: z.literal("recipes") });

export const engineSchema: z.ZodType<EngineSettings> = z.discriminatedUnion("type", [
  anthropic,
  openai,
  llama,
  recipes,
]);
