import { writeFile } from "node:fs/promises";
import { encodeGguf, type GgufValue } from "./encode-gguf.ts";
import { TINY_FAMILIES, type TinyFamily, type TinyShape } from "./tiny-families.ts";
import { tinyVocabulary } from "./tiny-vocabulary.ts";
import { randomWeights, scriptedWeights } from "./tiny-weights.ts";

export interface TinyGgufOptions {
  /** What its layers are; default attention over everything. A script needs that one. */
  readonly family?: TinyFamily;
  /** The chat template; default ChatML with tools in Qwen's way. Null leaves it out. */
  readonly template?: string | null;
  /** What the model says, token by token, whatever it is asked. Without, it babbles from random weights. */
  readonly script?: readonly (string | Uint8Array)[];
  /** Whether the script begins anew at its end, for ever. */
  readonly loop?: boolean;
  /** Whether every token is valid UTF-8 by itself, as nearly all tokens of real models are. */
  readonly wholeCharacters?: boolean;
  readonly contextLength?: number;
  readonly layers?: number;
  /** Put over the usual widths of its layers; a script has its own. */
  readonly shape?: Partial<Omit<TinyShape, "layers">>;
  readonly seed?: number;
  readonly name?: string;
  /** Put over the usual metadata. */
  readonly metadata?: Readonly<Record<string, GgufValue>>;
}

/**
 * Writes a working GGUF model, about 1 MB: small enough for tests that run llama.cpp itself without any download.
 * Without a family it is of the plain llama architecture.
 */
export async function writeTinyGguf(path: string, options: TinyGgufOptions = {}): Promise<void> {
  await writeFile(path, tinyGguf(options));
}

export function tinyGguf({
  family = "attention",
  template = TOOL_TEMPLATE,
  script,
  loop = false,
  wholeCharacters = false,
  contextLength = 4096,
  layers = 2,
  shape: wanted = {},
  seed = 1,
  name = "Tiny",
  metadata = {},
}: TinyGgufOptions = {}): Uint8Array {
  const vocabulary = tinyVocabulary({ wholeCharacters, ...(script ? { added: script } : {}) });
  const count = vocabulary.tokens.length;
  const shape: TinyShape = script
    ? { layers: 1, width: Math.ceil(count / 64) * 64, heads: 2, keyHeads: 1, inner: 32 }
    : { layers, width: 128, heads: 4, keyHeads: 2, inner: 256, ...wanted };
  const tensors = script
    ? scriptedWeights(shape, vocabulary, { loop })
    : randomWeights(shape, { family, tokens: count, seed });
  const { architecture, metadata: familyMetadata } = TINY_FAMILIES[family];
  const own = Object.entries(familyMetadata(shape)).map(([key, value]) => [`${architecture}.${key}`, value]);
  return encodeGguf(
    {
      "general.architecture": architecture,
      "general.name": name,
      [`${architecture}.context_length`]: contextLength,
      [`${architecture}.vocab_size`]: count,
      ...Object.fromEntries(own),
      "tokenizer.ggml.model": "gpt2",
      "tokenizer.ggml.pre": "gpt-2",
      "tokenizer.ggml.tokens": vocabulary.tokens,
      "tokenizer.ggml.token_type": { int32s: vocabulary.types },
      "tokenizer.ggml.merges": vocabulary.merges,
      "tokenizer.ggml.bos_token_id": vocabulary.endOfText,
      "tokenizer.ggml.eos_token_id": vocabulary.endOfTurn,
      "tokenizer.ggml.add_bos_token": false,
      ...(template === null ? {} : { "tokenizer.chat_template": template }),
      ...metadata,
    },
    tensors,
  );
}

/** ChatML with tools, as Qwen 2.5 has it, in short. */
const TOOL_TEMPLATE = `{%- if tools %}
{{- '<|im_start|>system\\n' }}
{%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] }}{%- endif %}
{{- "\\n\\n# Tools\\n<tools>" }}
{%- for tool in tools %}{{- "\\n" }}{{- tool | tojson }}{%- endfor %}
{{- "\\n</tools>\\n\\nCall a tool with <tool_call>\\n{\\"name\\": <function-name>, \\"arguments\\": <args-json-object>}\\n</tool_call><|im_end|>\\n" }}
{%- elif messages[0]['role'] == 'system' %}
{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == "user" or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- elif message.role == "assistant" %}
{{- '<|im_start|>assistant' }}
{%- if message.content %}{{- '\\n' + message.content }}{%- endif %}
{%- for tool_call in message.tool_calls %}
{%- if tool_call.function is defined %}{%- set tool_call = tool_call.function %}{%- endif %}
{{- '\\n<tool_call>\\n{"name": "' + tool_call.name + '", "arguments": ' }}{{- tool_call.arguments | tojson }}{{- '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- elif message.role == "tool" %}
{%- if (loop.index0 == 0) or (messages[loop.index0 - 1].role != "tool") %}{{- '<|im_start|>user' }}{%- endif %}
{{- '\\n<tool_response>\\n' + message.content + '\\n</tool_response>' }}
{%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}{{- '<|im_end|>\\n' }}{%- endif %}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}`;
