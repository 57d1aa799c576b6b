import type { MessagesRequest, ToolChoice, ToolDefinition, TypedTool } from "@ml-intern/messages";
import { invalidRequest } from "../../gateway-error.ts";
import { referencedTools } from "../referenced-tools.ts";
import { type ChatMessagesOptions, chatMessages } from "./chat-messages.ts";
import type { ChatRequest, ChatTool, ChatToolChoice } from "./chat-types.ts";
import { reasoningEffort } from "./reasoning-effort.ts";
import { responseFormat } from "./response-format.ts";

export interface ChatRequestOptions extends ChatMessagesOptions {
  /** Send how much the model is to think as `reasoning_effort`. Default false. */
  readonly sendsEffort?: boolean;
}

/**
 * A Messages request as a Chat Completions request. Stop sequences are not sent: endpoints do not say which one they
 * met, so they are looked for in the answer (see `StopSequences`). Throws `invalid_request` for what cannot be said.
 */
export function chatRequest(
  request: MessagesRequest,
  { sendsEffort = false, ...options }: ChatRequestOptions,
): ChatRequest {
  if (request.messages.at(-1)?.role === "assistant") {
    throw invalidRequest(
      "This model does not support assistant message prefill. The conversation must end with a user message.",
    );
  }
  const tools = chatTools(request);
  const format = responseFormat(request);
  const effort = sendsEffort ? reasoningEffort(request) : null;
  return {
    model: request.model,
    messages: chatMessages(request, options),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: request.max_tokens,
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.top_p === undefined ? {} : { top_p: request.top_p }),
    ...(request.top_k === undefined ? {} : { top_k: request.top_k }),
    ...(effort === null ? {} : { reasoning_effort: effort }),
    ...(format === null ? {} : { response_format: format }),
    ...(tools.length > 0 ? { tools, ...chatToolChoice(request.tool_choice) } : {}),
  };
}

function chatTools({ tools = [], messages }: MessagesRequest): readonly ChatTool[] {
  const named = referencedTools(messages);
  return tools.flatMap((tool, index) => {
    if (!isClientTool(tool)) {
      throw invalidRequest(
        `tools.${index}: tools of type '${tool.type}' are run by Anthropic and cannot be used with an OpenAI-compatible endpoint`,
      );
    }
    return tool.defer_loading && !named.has(tool.name) ? [] : [chatTool(tool)];
  });
}

function isClientTool(tool: ToolDefinition | TypedTool): tool is ToolDefinition {
  return (tool.type ?? "custom") === "custom";
}

function chatTool({ name, description, input_schema: parameters, strict }: ToolDefinition): ChatTool {
  return {
    type: "function",
    function: { name, ...(description ? { description } : {}), parameters, ...(strict ? { strict } : {}) },
  };
}

function chatToolChoice(
  choice: ToolChoice | undefined,
): Pick<ChatRequest, "tool_choice" | "parallel_tool_calls"> {
  if (!choice) return {};
  const single = choice.type !== "none" && choice.disable_parallel_tool_use;
  return { tool_choice: choiceOf(choice), ...(single ? { parallel_tool_calls: false } : {}) };
}

function choiceOf(choice: ToolChoice): ChatToolChoice {
  switch (choice.type) {
    case "auto":
    case "none":
      return choice.type;
    case "any":
      return "required";
    case "tool":
      return { type: "function", function: { name: choice.name } };
    default:
      return choice satisfies never;
  }
}
