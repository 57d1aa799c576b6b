import { createHash } from "node:crypto";
import type { ChatMessage, ChatRequest, ChatToolCall } from "./chat-types.ts";
import type { Problem } from "./problem.ts";

/** Something that an endpoint may refuse although others need it, and how to do without. */
interface Adaptation {
  readonly applies: (request: ChatRequest) => boolean;
  readonly isRefused: (problem: Problem) => boolean;
  readonly adapt: (request: ChatRequest) => ChatRequest;
}

export type AdaptationName =
  | "max_tokens"
  | "stream_options"
  | "parallel_tool_calls"
  | "top_k"
  | "top_p"
  | "temperature"
  | "reasoning_effort"
  | "prompt_cache_key"
  | "strict"
  | "tool_choice"
  | "tool_call_ids";

const ADAPTATIONS: Readonly<Record<AdaptationName, Adaptation>> = {
  max_tokens: {
    ...named("max_tokens"),
    adapt: ({ max_tokens: limit, ...rest }) =>
      limit === undefined ? rest : { ...rest, max_completion_tokens: limit },
  },
  stream_options: { ...named("stream_options"), adapt: ({ stream_options: _, ...rest }) => rest },
  parallel_tool_calls: {
    ...named("parallel_tool_calls"),
    adapt: ({ parallel_tool_calls: _, ...rest }) => rest,
  },
  top_k: { ...named("top_k"), adapt: ({ top_k: _, ...rest }) => rest },
  top_p: { ...named("top_p"), adapt: ({ top_p: _, ...rest }) => rest },
  temperature: { ...named("temperature"), adapt: ({ temperature: _, ...rest }) => rest },
  reasoning_effort: { ...named("reasoning_effort"), adapt: ({ reasoning_effort: _, ...rest }) => rest },
  prompt_cache_key: { ...named("prompt_cache_key"), adapt: ({ prompt_cache_key: _, ...rest }) => rest },
  strict: {
    applies: ({ tools = [] }) => tools.some((tool) => tool.function.strict),
    isRefused: ({ param, message }) => param?.endsWith("strict") === true || /\bstrict\b/.test(message),
    adapt: ({ tools = [], ...rest }) => ({
      ...rest,
      tools: tools.map(({ type, function: { strict: _, ...called } }) => ({ type, function: called })),
    }),
  },
  // A tool that must be used is the only one to choose from.
  tool_choice: {
    applies: ({ tool_choice: choice }) => typeof choice === "object",
    isRefused: ({ param, message }) => param === "tool_choice" || /\btool_choice\b/.test(message),
    adapt: ({ tools = [], tool_choice: choice, ...rest }) =>
      typeof choice === "object"
        ? {
            ...rest,
            tools: tools.filter((tool) => tool.function.name === choice.function.name),
            tool_choice: "required",
          }
        : { ...rest, tools, ...(choice ? { tool_choice: choice } : {}) },
  },
  // Mistral takes ids of nine letters and digits only.
  tool_call_ids: {
    applies: ({ messages }) => messages.some(hasLongId),
    isRefused: ({ message }) => /tool call id/i.test(message) && /length of 9/i.test(message),
    adapt: (request) => ({ ...request, messages: request.messages.map(withShortIds) }),
  },
};

const NAMES = Object.keys(ADAPTATIONS) as readonly AdaptationName[];

/** The request as an endpoint takes it that has refused these things. */
export function adapted(request: ChatRequest, names: ReadonlySet<AdaptationName>): ChatRequest {
  return [...names].reduce((body, name) => ADAPTATIONS[name].adapt(body), request);
}

/** What of the request a problem is about, when there is a way to do without it. */
export function refusedBy(problem: Problem, request: ChatRequest): AdaptationName | null {
  return (
    NAMES.find((name) => ADAPTATIONS[name].applies(request) && ADAPTATIONS[name].isRefused(problem)) ?? null
  );
}

/** Not every server names the field apart from the sentence, so the sentence is searched as well. */
function named(field: keyof ChatRequest): Pick<Adaptation, "applies" | "isRefused"> {
  const mention = new RegExp(`\\b${field}\\b`);
  return {
    applies: (request) => field in request,
    isRefused: ({ param, message }) => param === field || mention.test(message),
  };
}

const SHORT_ID = /^[a-zA-Z0-9]{9}$/;

function hasLongId(message: ChatMessage): boolean {
  if (message.role === "tool") return !SHORT_ID.test(message.tool_call_id);
  return message.role === "assistant" && (message.tool_calls ?? []).some(({ id }) => !SHORT_ID.test(id));
}

function withShortIds(message: ChatMessage): ChatMessage {
  if (message.role === "tool") return { ...message, tool_call_id: shortId(message.tool_call_id) };
  if (message.role !== "assistant" || !message.tool_calls) return message;
  const calls: readonly ChatToolCall[] = message.tool_calls.map((call) => ({
    ...call,
    id: shortId(call.id),
  }));
  return { ...message, tool_calls: calls };
}

/** The same for the same id, so that calls and results still belong together. */
function shortId(id: string): string {
  return SHORT_ID.test(id) ? id : createHash("sha256").update(id).digest("hex").slice(0, 9);
}
