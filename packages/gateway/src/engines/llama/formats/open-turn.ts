import type { CountTokensRequest } from "@ml-intern/messages";
import { invalidRequest } from "../../../gateway-error.ts";
import { answerGrammar } from "./answer-grammar.ts";
import { callTools, checkStrictTools } from "./call-tools.ts";
import type { ChatTurn } from "./chat-format.ts";
import type { ModelFamily } from "./families.ts";
import { AnswerWriter } from "./reading/answer-writer.ts";
import { CallReader } from "./reading/call-reader.ts";
import { createAnswerParser } from "./reading/create-answer-parser.ts";
import type { ThinkingMarkers } from "./reading/read-answer.ts";
import { TextInput } from "./reading/text-input.ts";
import type { ChatTemplate } from "./rendering/chat-template.ts";
import { conversation } from "./rendering/conversation.ts";
import { describeTools } from "./rendering/describe-tools.ts";
import type { TemplateAbilities } from "./rendering/probe-template.ts";
import { promptPieces, type SpecialText } from "./rendering/special-text.ts";
import { templateInputs } from "./rendering/template-input.ts";
import type { TemplateMessage, TemplateTool } from "./rendering/template-message.ts";
import { usableTools } from "./rendering/usable-tools.ts";

export interface OpenTurnOptions {
  readonly family: ModelFamily;
  readonly template: ChatTemplate;
  readonly abilities: TemplateAbilities;
  readonly special: SpecialText;
}

/**
 * The prompt of one answer and what reads it; see `ChatFormat.openTurn`. With `tool_choice` `none` the tools stay in the
 * prompt, so that it does not change with the choice; what the model writes as a call is text then. A call that must
 * come begins in the prompt. Nobody thinks before it, nor before an answer that has to follow a schema.
 */
export function openTurn(request: CountTokensRequest, options: OpenTurnOptions): ChatTurn {
  const { family, special } = options;
  const usable = usableTools(request);
  checkStrictTools(usable, family.syntax.style ?? {});
  const tools = callTools(usable, request);
  const choice = request.tool_choice?.type;
  const isForced = (choice === "any" || choice === "tool") && tools.tools.length > 0;
  const { messages, prefill } = splitPrefill(conversation(request, special));
  const formed = isForced ? null : answerGrammar(request);
  if (formed !== null) checkFormed({ hasTools: tools.tools.length > 0, isContinued: prefill !== null });
  const thinks = wantsThinking(request) && !isForced && formed === null && prefill === null;

  const templateTools = usable.map(({ tool }) => special.seam(templateTool(tool)));
  const rendered = renderPrompt(messages, { ...options, tools: templateTools, thinks });
  const opened = openedThinking(rendered, family.thinking);
  const within = thinks ? opened : null;
  const closed = opened && !thinks ? `${rendered.trimEnd()}\n${opened.close}\n\n` : rendered;
  const start = isForced ? family.syntax.start : "";
  const continued = prefill === null ? "" : `${family.answerStart}${prefill}`;

  function createParser({ grammars = true }: { readonly grammars?: boolean } = {}) {
    const writer = new AnswerWriter({ continues: prefill !== null });
    const call = new CallReader({
      input: new TextInput(),
      writer,
      toolNames: new Set(tools.tools.map(({ name }) => name)),
      single: tools.single,
      grammars,
      constrained: isForced && grammars,
    });
    const reading = family.read({
      call,
      writer,
      tools,
      syntax: family.syntax,
      within,
      isContinued: prefill !== null,
    });
    return createAnswerParser({ call, writer, reading, start });
  }

  return {
    prompt: promptPieces(closed + continued + start),
    grammar: isForced ? family.syntax.grammar(tools) : formed,
    thinkingEnd: thinks ? (family.thinking[0]?.end ?? null) : null,
    createParser,
  };
}

/** The grammar of an answer holds from its first token on, so there is no room for a call or for a beginning. */
function checkFormed({ hasTools, isContinued }: { hasTools: boolean; isContinued: boolean }): void {
  if (hasTools) {
    throw invalidRequest(
      'output_config.format: an embedded model cannot choose between tools and a formatted answer; send `tool_choice: {"type": "none"}` for the answer',
    );
  }
  if (isContinued)
    throw invalidRequest("output_config.format: cannot be combined with assistant message prefill");
}

/** A last message of the assistant is the beginning of the answer. */
function splitPrefill(messages: readonly TemplateMessage[]): {
  readonly messages: readonly TemplateMessage[];
  readonly prefill: string | null;
} {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return { messages, prefill: null };
  return { messages: messages.slice(0, -1), prefill: last.content };
}

function wantsThinking({ thinking }: CountTokensRequest): boolean {
  return thinking !== undefined && thinking.type !== "disabled";
}

function templateTool({ name, description = "", input_schema: parameters }: CountTokensTool): TemplateTool {
  return { type: "function", function: { name, description, parameters } };
}

type CountTokensTool = {
  readonly name: string;
  readonly description?: string;
  readonly input_schema: Readonly<Record<string, unknown>>;
};

interface RenderPromptOptions extends OpenTurnOptions {
  readonly tools: readonly TemplateTool[];
  readonly thinks: boolean;
}

function renderPrompt(
  messages: readonly TemplateMessage[],
  { family, template, abilities, tools, thinks }: RenderPromptOptions,
): string {
  const described = family.nativeTools ? messages : describeTools(messages, tools);
  let refusal = "";
  for (const input of templateInputs(described, { abilities, syntax: family.syntax })) {
    try {
      return template.render({ messages: input, thinking: thinks, ...(family.nativeTools ? { tools } : {}) });
    } catch (error) {
      refusal = error instanceof Error ? error.message : String(error);
    }
  }
  throw invalidRequest(`messages: the model's chat template refuses this conversation: ${refusal}`);
}

/** The thinking that the end of the prompt has begun. */
function openedThinking(prompt: string, markers: readonly ThinkingMarkers[]): ThinkingMarkers | null {
  const end = prompt.trimEnd();
  return markers.find(({ open }) => end.endsWith(open)) ?? null;
}
