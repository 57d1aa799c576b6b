import { z } from "zod";
import { section } from "./section.ts";
import { flag, httpUrl, secret, wholeNumber } from "./values.ts";

const tokens = wholeNumber({ least: 1 });

/** One engine as the configuration file describes it. */
export type EngineSettings = AnthropicSettings | OpenAiSettings | RecipesSettings;

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

export interface RecipesSettings {
  readonly type: "recipes";
}

/** What an endpoint cannot say of its own models. */
const statedModel = section({
  displayName: z.string().min(1).optional(),
  contextTokens: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  images: flag().optional(),
  thinking: flag().optional(),
});

const anthropic = section({
  type: z.literal("anthropic"),
  apiKey: secret(),
  baseUrl: httpUrl().optional(),
  silenceSeconds: wholeNumber({ least: 1 }).optional(),
});

const openai = section({
  type: z.literal("openai"),
  baseUrl: httpUrl(),
  apiKey: secret().optional(),
  headers: z.record(z.string(), secret()).optional(),
  replayThinking: flag().optional(),
  silenceSeconds: wholeNumber({ least: 1 }).optional(),
  models: z.record(z.string().min(1), statedModel).optional(),
});

const recipes = section({ type: z.literal("recipes") });

export const engineSchema: z.ZodType<EngineSettings> = z.discriminatedUnion("type", [
  anthropic,
  openai,
  recipes,
]);
