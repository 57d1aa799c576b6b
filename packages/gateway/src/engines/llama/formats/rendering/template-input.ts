import type { CallSyntax } from "../syntaxes/call-syntax.ts";
import type { TemplateInput } from "./chat-template.ts";
import { joinTexts } from "./conversation.ts";
import type { TemplateAbilities } from "./probe-template.ts";
import type { TemplateCall, TemplateMessage } from "./template-message.ts";

export interface TemplateInputOptions {
  readonly abilities: TemplateAbilities;
  readonly syntax: CallSyntax;
}

/**
 * The conversation in ways that the template may take, the most faithful one first: a template that refuses one (turns
 * that do not alternate, text beside calls) may take the next.
 */
export function* templateInputs(
  messages: readonly TemplateMessage[],
  { abilities, syntax }: TemplateInputOptions,
): Generator<TemplateInput> {
  const written = abilities.system ? messages : withoutSystem(messages);
  const whole = written.flatMap((message) => keepText(message, { abilities, syntax }));
  const dense = joinUserTexts(written);
  for (const way of [whole, whole.map(textAsThinking), dense, dense.map(textAsThinking)]) {
    yield say(way, abilities);
  }
}

/** The system prompt at the top of what the user says first. */
function withoutSystem([first, ...rest]: readonly TemplateMessage[]): readonly TemplateMessage[] {
  if (first?.role !== "system") return first ? [first, ...rest] : [];
  const at = rest.findIndex(({ role }) => role === "user");
  const user = rest[at];
  if (!user) return [{ ...first, role: "user" }, ...rest];
  const content = joinTexts(first.content, user.content);
  return [...rest.slice(0, at), { ...user, content }, ...rest.slice(at + 1)];
}

/** Calls that the template would leave out, or whose text it would, are written into the text as the model wrote them. */
function keepText(
  message: TemplateMessage,
  { abilities, syntax }: TemplateInputOptions,
): readonly TemplateMessage[] {
  const { calls, content } = message;
  if (!calls) return [message];
  if (abilities.callArguments !== null && (content === "" || abilities.textWithCalls)) return [message];
  const { calls: _, ...rest } = message;
  return [{ ...rest, content: joinTexts(content, syntax.write(calls), "\n") }];
}

/** Harmony's template takes either text or thinking beside a call, and shows both as thinking. */
function textAsThinking(message: TemplateMessage): TemplateMessage {
  const { calls, content, thinking } = message;
  if (!calls || content === "" || thinking === undefined) return message;
  return { ...message, content: "", thinking: joinTexts(thinking, content) };
}

/** What the user says after results stands with the last of them: for templates in which turns must alternate. */
function joinUserTexts(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  const joined: TemplateMessage[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (message.role === "user" && last?.role === "tool") {
      joined[joined.length - 1] = { ...last, content: joinTexts(last.content, message.content) };
    } else {
      joined.push(message);
    }
  }
  return joined;
}

function say(messages: readonly TemplateMessage[], abilities: TemplateAbilities): TemplateInput {
  const separate = abilities.severalCalls ? messages : separateCalls(messages);
  const roles = abilities.toolRole ? separate : resultsAsText(separate);
  return roles.map((message) => sayMessage(message, abilities));
}

/** One message for each call, followed by its result. */
function separateCalls(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  return messages.flatMap((message, index) => {
    if (message.role === "tool") {
      const before = messages.slice(0, index).findLast(({ role }) => role === "assistant");
      return (before?.calls?.length ?? 0) > 1 ? [] : [message];
    }
    const { calls } = message;
    if (!calls || calls.length < 2) return [message];
    const following = messages.slice(index + 1);
    const end = following.findIndex(({ role }) => role !== "tool");
    const results = end < 0 ? following : following.slice(0, end);
    return calls.flatMap((call, at) => [
      at === 0 ? { ...message, calls: [call] } : { role: "assistant" as const, content: "", calls: [call] },
      ...results.filter(({ callId }) => callId === call.id),
    ]);
  });
}

/** Results as the user's words; those of one turn together. */
function resultsAsText(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  const said: TemplateMessage[] = [];
  for (const message of messages) {
    const isResult = message.role === "tool";
    const content = isResult ? `<tool_response>\n${message.content}\n</tool_response>` : message.content;
    const last = said.at(-1);
    if ((isResult || message.role === "user") && last?.role === "user") {
      said[said.length - 1] = { ...last, content: joinTexts(last.content, content, "\n") };
    } else {
      said.push(isResult ? { role: "user", content } : message);
    }
  }
  return said;
}

function sayMessage(
  message: TemplateMessage,
  abilities: TemplateAbilities,
): Readonly<Record<string, unknown>> {
  const { role, content, calls, thinking, callId, name } = message;
  const key = abilities.thinkingKey;
  return {
    role,
    content: content === "" && calls && abilities.nullContent ? null : content,
    ...(thinking !== undefined && key ? { [key]: thinking } : {}),
    ...(calls ? { tool_calls: calls.map((call) => sayCall(call, abilities)) } : {}),
    ...(callId === undefined ? {} : { tool_call_id: callId, name }),
  };
}

function sayCall({ id, name, input }: TemplateCall, { callArguments }: TemplateAbilities) {
  const written = callArguments === "text" ? JSON.stringify(input) : input;
  return { id, type: "function", function: { name, arguments: written } };
}
