import { basename } from "node:path";
import type { ChatMetadata } from "../formats/chat-format.ts";
import type { GgufHead, GgufMetadataValue } from "./read-gguf.ts";

/** What a model's file says about it. */
export interface ModelFacts {
  readonly name: string;
  readonly architecture: string;
  /** Tokens that it was trained to see at once. */
  readonly trainedContext: number | null;
  /** Bytes that one token takes in the memory of a conversation, at 16 bits a value; null where it does not say. */
  readonly bytesPerToken: number | null;
  /** Bytes of the longest token: a text of more than that times the window can never fit. */
  readonly longestToken: number;
  readonly chat: ChatMetadata;
  /** How its makers want it sampled, where they say so. */
  readonly sampling: { readonly temperature?: number; readonly topP?: number; readonly topK?: number };
}

/** Reads the facts from the file's head. */
export function modelFacts(head: GgufHead, path: string): ModelFacts {
  const { metadata } = head;
  const architecture = textOf(metadata.get("general.architecture")) ?? "unknown";
  const number = (key: string): number | null => numberOf(metadata.get(key));
  const own = (key: string): number | null => number(`${architecture}.${key}`);
  const temperature = number("general.sampling.temp");
  const topP = number("general.sampling.top_p");
  const topK = number("general.sampling.top_k");
  return {
    name: textOf(metadata.get("general.name")) ?? basename(path, ".gguf"),
    architecture,
    trainedContext: own("context_length"),
    bytesPerToken: bytesPerToken(own, metadata.get(`${architecture}.attention.head_count_kv`)),
    longestToken: longestToken(metadata.get("tokenizer.ggml.tokens")),
    chat: chatMetadata(head, architecture),
    sampling: {
      ...(temperature === null ? {} : { temperature }),
      ...(topP === null ? {} : { topP }),
      ...(topK === null ? {} : { topK }),
    },
  };
}

function bytesPerToken(
  own: (key: string) => number | null,
  keyHeads: GgufMetadataValue | undefined,
): number | null {
  const layers = own("block_count");
  const heads = own("attention.head_count");
  const width = own("embedding_length");
  if (layers === null || width === null) return null;
  const headWidth = heads ? width / heads : width;
  const perLayer = (own("attention.key_length") ?? headWidth) + (own("attention.value_length") ?? headWidth);
  // Models may give each layer a number of heads of its own.
  const total = Array.isArray(keyHeads)
    ? keyHeads.reduce<number>((sum, count) => sum + Number(count), 0)
    : layers * (numberOf(keyHeads) ?? heads ?? 1);
  return total * perLayer * 2;
}

function longestToken(tokens: GgufMetadataValue | undefined): number {
  if (!Array.isArray(tokens)) return 1;
  return tokens.reduce<number>((longest, token) => Math.max(longest, Buffer.byteLength(String(token))), 1);
}

const TEMPLATE = "tokenizer.chat_template";

function chatMetadata({ metadata }: GgufHead, architecture: string): ChatMetadata {
  const tokens = metadata.get("tokenizer.ggml.tokens");
  const textAt = (key: string): string => {
    const id = metadata.get(key);
    const text = typeof id === "number" && Array.isArray(tokens) ? tokens[id] : undefined;
    return typeof text === "string" ? text : "";
  };
  const named = [...metadata].flatMap(([key, value]) =>
    key.startsWith(`${TEMPLATE}.`) && typeof value === "string"
      ? [[key.slice(TEMPLATE.length + 1), value] as const]
      : [],
  );
  return {
    architecture,
    template: textOf(metadata.get(TEMPLATE)),
    namedTemplates: Object.fromEntries(named),
    bosToken: textAt("tokenizer.ggml.bos_token_id"),
    eosToken: textAt("tokenizer.ggml.eos_token_id"),
    specialTokens: specialTokens(tokens, metadata.get("tokenizer.ggml.token_type")),
  };
}

const CONTROL = 3;
const USER_DEFINED = 4;

/**
 * Tokens that mean something to the model beyond their text. Of the user-defined ones only those that look like
 * markers: others are runs of white space and HTML tags, which are ordinary text.
 */
function specialTokens(
  tokens: GgufMetadataValue | undefined,
  types: GgufMetadataValue | undefined,
): readonly string[] {
  if (!Array.isArray(tokens) || !Array.isArray(types)) return [];
  return tokens.filter((token: unknown, id): token is string => {
    if (typeof token !== "string" || token === "") return false;
    return types[id] === CONTROL || (types[id] === USER_DEFINED && MARKER.test(token));
  });
}

const MARKER =
  /^(?:<\|.*\|>|<.*[|｜].*>|\[\/?[A-Z_]+\]|<\/?[a-z]*_?(?:think|tool|call|response|turn|channel)[a-z_]*>)$/;

function textOf(value: GgufMetadataValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function numberOf(value: GgufMetadataValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}
