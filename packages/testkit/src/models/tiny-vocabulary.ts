/** GGUF's kinds of tokens. */
const NORMAL = 1;
const CONTROL = 3;
const USER_DEFINED = 4;

const CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/** As Qwen has them: one token each, but not control tokens. */
const MARKERS = ["<tool_call>", "</tool_call>", "<think>", "</think>"];
/** A few, so that some tokens hold more than one character. */
const MERGES = ["t h", "Ġ t", "i n", "a n", "e r", "o n", "th e", "Ġt he"];

export interface TinyVocabulary {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  readonly merges: readonly string[];
  /** Ids of the tokens that were asked for on top, in their order. */
  readonly added: readonly number[];
  readonly endOfText: number;
  readonly endOfTurn: number;
}

export interface TinyVocabularyOptions {
  /** Tokens of any bytes, on top of the usual ones. */
  readonly added?: readonly (string | Uint8Array)[];
  /** Instead of single bytes beyond ASCII, whole characters: then every text that the model writes is valid UTF-8. */
  readonly wholeCharacters?: boolean;
}

/** A byte-level vocabulary of about 280 tokens: all bytes, ChatML's control tokens, and what is added. */
export function tinyVocabulary({
  added = [],
  wholeCharacters = false,
}: TinyVocabularyOptions = {}): TinyVocabulary {
  const bytes = Array.from({ length: 256 }, (_, byte) =>
    wholeCharacters && byte > 127 ? spelled(String.fromCodePoint(byte + 0x1f500)) : byteCharacter(byte),
  );
  const merged = MERGES.map((pair) => pair.replace(" ", ""));
  const extra = added.map(spelled);
  const first = bytes.length + merged.length;
  const tokens = [...bytes, ...merged, ...CONTROL_TOKENS, ...MARKERS];
  return {
    tokens: distinct([...tokens, ...extra]),
    types: [
      ...Array<number>(first).fill(NORMAL),
      ...CONTROL_TOKENS.map(() => CONTROL),
      ...MARKERS.map(() => USER_DEFINED),
      ...extra.map(() => NORMAL),
    ],
    merges: MERGES,
    added: extra.map((_, index) => tokens.length + index),
    endOfText: first,
    endOfTurn: first + 2,
  };
}

/** llama.cpp ends the process when a vocabulary holds a text twice. */
function distinct(tokens: readonly string[]): readonly string[] {
  const known = new Set<string>();
  for (const token of tokens) {
    if (known.has(token)) throw new Error(`The tiny vocabulary cannot hold a token twice: ${token}`);
    known.add(token);
  }
  return tokens;
}

function spelled(piece: string | Uint8Array): string {
  return Array.from(typeof piece === "string" ? Buffer.from(piece) : piece, byteCharacter).join("");
}

/** GPT-2's printable stand-in for a byte. */
function byteCharacter(byte: number): string {
  const printable =
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  if (printable) return String.fromCharCode(byte);
  const before = byte <= 32 ? byte : byte <= 160 ? byte - 127 + 33 : 67;
  return String.fromCharCode(256 + before);
}
