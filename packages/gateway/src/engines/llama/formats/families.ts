import type { ChatFamily } from "./chat-format.ts";
import type { AnswerWriter } from "./reading/answer-writer.ts";
import type { CallReader } from "./reading/call-reader.ts";
import { readAnswer, type ThinkingMarkers } from "./reading/read-answer.ts";
import type { Reading } from "./reading/text-input.ts";
import type { CallSyntax, CallTools } from "./syntaxes/call-syntax.ts";
import { deepseekSyntax } from "./syntaxes/deepseek-syntax.ts";
import { gemmaSyntax } from "./syntaxes/gemma-syntax.ts";
import { HARMONY_SYNTAX, readHarmony } from "./syntaxes/harmony-syntax.ts";
import { jsonListSyntax } from "./syntaxes/json-list-syntax.ts";
import { LFM2_SYNTAX } from "./syntaxes/lfm2-syntax.ts";
import { LLAMA3_SYNTAX } from "./syntaxes/llama3-syntax.ts";
import { mistralSyntax } from "./syntaxes/mistral-syntax.ts";
import { TAGGED_SYNTAX } from "./syntaxes/tagged-syntax.ts";
import { XML_SYNTAX } from "./syntaxes/xml-syntax.ts";

export interface ReadOptions {
  readonly syntax: CallSyntax;
  readonly call: CallReader;
  readonly writer: AnswerWriter;
  readonly tools: CallTools;
  readonly within: ThinkingMarkers | null;
  /** Whether the answer goes on from text in the prompt. */
  readonly isContinued: boolean;
}

/** What models of a family have in common. */
export interface ModelFamily {
  readonly name: ChatFamily;
  readonly syntax: CallSyntax;
  readonly thinking: readonly ThinkingMarkers[];
  /** Whether the model is told of tools by its own template, when that knows them. */
  readonly nativeTools: boolean;
  /** What stands before a text that the answer is to go on from. */
  readonly answerStart: string;
  read(options: ReadOptions): Reading<void>;
}

/** The family as it is for a model whose template does not tell it of tools: they are described in our own words. */
export function untaught(family: ModelFamily): ModelFamily {
  return family.nativeTools ? { ...family, syntax: TAGGED_SYNTAX, nativeTools: false } : family;
}

const THINK: ThinkingMarkers = { open: "<think>", close: "</think>", end: "\n</think>\n\n" };

interface FamilyParts {
  readonly thinking?: readonly ThinkingMarkers[];
  readonly stops?: readonly string[];
  readonly ignored?: readonly string[];
  readonly nativeTools?: boolean;
}

function family(name: ChatFamily, syntax: CallSyntax, parts: FamilyParts = {}): ModelFamily {
  const { thinking = [THINK], stops = [], ignored = [], nativeTools = true } = parts;
  const read = (options: ReadOptions) => readAnswer({ ...options, thinking, stops, ignored });
  return { name, syntax, thinking, nativeTools, answerStart: "", read };
}

const CHATML_STOPS = ["<|im_end|>", "<|endoftext|>", "<|im_start|>"];

const GENERIC = family("generic", TAGGED_SYNTAX, {
  nativeTools: false,
  stops: ["<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>"],
});

const HARMONY: ModelFamily = {
  name: "harmony",
  syntax: HARMONY_SYNTAX,
  thinking: [{ open: "<|channel|>analysis<|message|>", close: "<|end|>", end: "<|end|><|start|>assistant" }],
  nativeTools: true,
  answerStart: "<|channel|>final<|message|>",
  read: readHarmony,
};

export interface FamilySigns {
  readonly architecture: string;
  readonly template: string;
}

/** The family, by the marks that its template writes. */
export function familyOf({ architecture, template }: FamilySigns): ModelFamily {
  const has = (...marks: readonly string[]) => marks.every((mark) => template.includes(mark));
  if (has("<|channel|>", "<|start|>")) return HARMONY;
  if (has("<tool_call>", "<function=", "<parameter=")) {
    return family("qwen-xml", XML_SYNTAX, { stops: CHATML_STOPS });
  }
  if (has("<|tool_call>", "call:")) return gemma4();
  if (has("<start_function_call>")) return functionGemma();
  if (has("[TOOL_CALLS]"))
    return mistral(has("[ARGS]") ? mistralSyntax({ ids: has("[CALL_ID]") }) : MISTRAL_LIST);
  if (has("<｜tool▁calls▁begin｜>")) return deepseek({ fenced: has("```json") });
  if (
    has("<|tool_call_start|>") ||
    has("<|tool_list_start|>") ||
    (architecture.startsWith("lfm2") && has("List of tools"))
  ) {
    return family("lfm2", LFM2_SYNTAX, { stops: CHATML_STOPS });
  }
  if (has("<|start_of_role|>")) {
    const list = jsonListSyntax({ open: "<|tool_call|>", close: "" });
    const syntax = has("<tool_call>") ? TAGGED_SYNTAX : list;
    return family("granite", syntax, { stops: ["<|end_of_text|>"], ignored: ["<response>", "</response>"] });
  }
  if (has("<tool_call>") && !has("<arg_key>") && !has("<invoke"))
    return family("hermes", TAGGED_SYNTAX, { stops: [...CHATML_STOPS, "<|eot_id|>"] });
  if (has("<|start_header_id|>", "parameters") && !has("<function=") && !has("functools")) {
    return family("llama3", LLAMA3_SYNTAX, { stops: ["<|eot_id|>", "<|eom_id|>", "<|end_of_text|>"] });
  }
  if (has("<|tool|>", "<|end|>")) {
    const syntax = jsonListSyntax({ open: "<|tool_call|>", close: "<|/tool_call|>" });
    return family("phi", syntax, { stops: ["<|end|>", "<|endoftext|>"] });
  }
  if (has("<start_of_turn>")) return { ...GENERIC, name: "gemma" };
  return GENERIC;
}

const MISTRAL_LIST = jsonListSyntax({ open: "[TOOL_CALLS]", close: "", ids: true });

function mistral(syntax: CallSyntax): ModelFamily {
  return family("mistral", syntax, {
    thinking: [{ open: "[THINK]", close: "[/THINK]", end: "[/THINK]" }, THINK],
    stops: ["</s>"],
  });
}

function deepseek({ fenced }: { readonly fenced: boolean }): ModelFamily {
  return family("deepseek", deepseekSyntax({ fenced }), { stops: ["<｜end▁of▁sentence｜>", "<｜User｜>"] });
}

function gemma4(): ModelFamily {
  return family("gemma", gemmaSyntax({ open: "<|tool_call>", close: "<tool_call|>", quote: '<|"|>' }), {
    thinking: [{ open: "<|channel>thought", close: "<channel|>", end: "\n<channel|>" }],
    stops: ["<turn|>", "<|tool_response>"],
  });
}

function functionGemma(): ModelFamily {
  const syntax = gemmaSyntax({
    open: "<start_function_call>",
    close: "<end_function_call>",
    quote: "<escape>",
  });
  return family("gemma", syntax, { stops: ["<end_of_turn>", "<start_function_response>"] });
}
