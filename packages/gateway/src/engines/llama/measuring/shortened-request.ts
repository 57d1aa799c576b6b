import type { CountTokensRequest, InputBlock, InputMessage } from "@ml-intern/messages";
import type { PromptPlace } from "../../../cache/prompt/prompt-block.ts";
import { contentBlocks } from "../../../validation/turns.ts";
import { answerSchema } from "../../answer-schema.ts";

/** No character, so that no prompt goes on with it for a reason. */
const DUMMY = "\ufdd1";

/**
 * A request that has everything up to a place in common with this one, and nothing behind it: what their prompts share is
 * what the place stands for. Where something has to follow, it is a dummy: a conversation must begin with what the user
 * says, and a last message of the assistant would be the beginning of the answer. After the last message the
 * conversation goes on, since most templates write the end of a prompt in another way than what was said before.
 */
export function shortenedRequest(request: CountTokensRequest, place: PromptPlace): CountTokensRequest {
  const { system, tools, messages, ...rest } = withoutChoice(request);
  switch (place.section) {
    case "tools":
      return { ...rest, tools: (tools ?? []).slice(0, place.index + 1), messages: [said("user")] };
    case "system":
      return {
        ...rest,
        ...(tools ? { tools } : {}),
        ...(system === undefined
          ? {}
          : { system: typeof system === "string" ? system : system.slice(0, place.index + 1) }),
        messages: [said("user")],
      };
    case "messages":
      return {
        ...rest,
        ...(tools ? { tools } : {}),
        ...(system === undefined ? {} : { system }),
        messages: shortenedMessages(messages, place),
      };
    default:
      return place satisfies never;
  }
}

/** Tools may be offered without being forced on the model; thinking stays as the prompt has it. */
function withoutChoice(request: CountTokensRequest): CountTokensRequest {
  const choice = request.tool_choice?.type;
  const isForced = choice === "any" || choice === "tool" || answerSchema(request) !== null;
  const isContinued = request.messages.at(-1)?.role === "assistant";
  const {
    tool_choice: _,
    output_config: __,
    ...rest
  } = request as CountTokensRequest & {
    readonly output_config?: unknown;
  };
  return isForced || isContinued ? { ...rest, thinking: { type: "disabled" } } : rest;
}

function shortenedMessages(
  messages: readonly InputMessage[],
  place: Extract<PromptPlace, { readonly section: "messages" }>,
): readonly InputMessage[] {
  const last = messages[place.message];
  if (!last) return messages;
  const blocks = contentBlocks(last.content);
  const content = blocks.slice(0, place.block + 1);
  const shortened = [...messages.slice(0, place.message), { role: last.role, content }];
  const isLastMessage = place.message === messages.length - 1;
  if (last.role === "assistant") return isLastMessage ? shortened : [...shortened, answerTo(content)];
  const isWhole = isLastMessage && content.length === blocks.length;
  return isWhole ? [...shortened, ...goingOn(content)] : shortened;
}

/** What the user may say next: results where tools were called. */
function answerTo(content: readonly InputBlock[]): InputMessage {
  const calls = content.filter((block) => block.type === "tool_use");
  if (calls.length === 0) return said("user");
  return {
    role: "user",
    content: calls.map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: DUMMY })),
  };
}

/** After results mostly comes another call: templates may show earlier thinking for as long as it goes on like that. */
function goingOn(content: readonly InputBlock[]): readonly InputMessage[] {
  if (!content.some(({ type }) => type === "tool_result")) return [said("assistant"), said("user")];
  const call = [{ type: "tool_use", id: DUMMY, name: DUMMY, input: {} }] as const;
  return [{ role: "assistant", content: call }, answerTo(call)];
}

function said(role: InputMessage["role"]): InputMessage {
  return { role, content: DUMMY };
}
