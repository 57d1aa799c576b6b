import { type AnthropicProvider, createAnthropic } from "@ai-sdk/anthropic";
import type { Conversation, Judge, Reply, Target } from "./judge.ts";

export type AiModel = ReturnType<AnthropicProvider["languageModel"]>;
export type AiOptions = Parameters<AiModel["doStream"]>[0];
export type AiPrompt = AiOptions["prompt"];
type AiPart =
  Awaited<ReturnType<AiModel["doStream"]>>["stream"] extends ReadableStream<infer Part> ? Part : never;
type AiContent = Awaited<ReturnType<AiModel["doGenerate"]>>["content"][number];
type AiFinish = Extract<AiPart, { type: "finish" }>;
type AssistantMessage = Extract<AiPrompt[number], { role: "assistant" }>;

/** `@ai-sdk/anthropic`, asked as the AI SDK's core asks it, which runs the tools and retries. */
export function aiSdkJudge({ streams }: { readonly streams: boolean }): Judge {
  return {
    streams,
    async converse(target, conversation) {
      const model = aiModel(target);
      const options = callOptions(conversation);
      const replies: Reply[] = [];
      for (;;) {
        const seen: AiContent[] = [];
        try {
          const finish = streams ? await streamed(model, options, seen) : await whole(model, options, seen);
          replies.push(reply(seen, finish));
          if (finish.finishReason.raw !== "tool_use") return replies;
          options.prompt.push(assistantMessage(seen), toolMessage(seen, conversation));
        } catch (error) {
          return [...replies, failure(error, textOf(seen))];
        }
      }
    },
    async leave(target, conversation) {
      const controller = new AbortController();
      const { stream } = await aiModel(target).doStream({
        ...callOptions(conversation),
        abortSignal: controller.signal,
      });
      const reader = stream.getReader();
      for (;;) if ((await reader.read()).value?.type === "text-delta") break;
      controller.abort();
    },
  };
}

/** Base URLs of the AI SDK usually end in `/v1`. */
export function aiModel(
  { url, key, model }: Target,
  { root = "/v1" }: { readonly root?: "" | "/v1" } = {},
): AiModel {
  return createAnthropic({ baseURL: `${url}${root}`, apiKey: key })(model);
}

export function callOptions({
  prompt,
  tools,
  maxTokens = 4096,
  stopSequences,
  thinking = false,
}: Conversation): AiOptions {
  return {
    prompt: [{ role: "user", content: [{ type: "text", text: prompt }] }],
    maxOutputTokens: maxTokens,
    ...(stopSequences ? { stopSequences: [...stopSequences] } : {}),
    ...(tools
      ? {
          tools: tools.map(({ name, description, input_schema }) => ({
            type: "function",
            name,
            description,
            inputSchema: input_schema as never, // Its JSON Schema type wants mutable arrays.
          })),
        }
      : {}),
    ...(thinking
      ? { providerOptions: { anthropic: { thinking: { type: "enabled", budgetTokens: 1024 } } } }
      : {}),
  };
}

async function whole(model: AiModel, options: AiOptions, seen: AiContent[]): Promise<AiFinish> {
  const { content, finishReason, usage, providerMetadata } = await model.doGenerate(options);
  seen.push(...content);
  return { type: "finish", finishReason, usage, ...(providerMetadata ? { providerMetadata } : {}) };
}

/** Puts the parts of a stream together as the AI SDK's core does. Throws what an `error` part carries. */
async function streamed(model: AiModel, options: AiOptions, seen: AiContent[]): Promise<AiFinish> {
  const { stream } = await model.doStream(options);
  let finish: AiFinish | null = null;
  for await (const part of parts(stream)) {
    const last = seen.at(-1);
    if (part.type === "error") throw part.error;
    if (part.type === "finish") finish = part;
    if (part.type === "text-start") seen.push({ type: "text", text: "" });
    if (part.type === "text-delta" && last?.type === "text") last.text += part.delta;
    if (part.type === "reasoning-start") seen.push({ type: "reasoning", text: "" });
    if (part.type === "reasoning-delta" && last?.type === "reasoning") {
      last.text += part.delta;
      if (part.providerMetadata) last.providerMetadata = part.providerMetadata;
    }
    if (part.type === "tool-call") seen.push(part);
  }
  if (!finish) throw new Error("the stream ended without finishing");
  return finish;
}

async function* parts(stream: ReadableStream<AiPart>): AsyncGenerator<AiPart> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

function assistantMessage(content: readonly AiContent[]): AssistantMessage {
  return {
    role: "assistant",
    content: content.flatMap((part): AssistantMessage["content"] => {
      if (part.type === "text") return [part];
      if (part.type === "tool-call") return [{ ...part, input: JSON.parse(part.input) }];
      if (part.type !== "reasoning") return [];
      const { providerMetadata: providerOptions } = part;
      return [{ type: "reasoning", text: part.text, ...(providerOptions ? { providerOptions } : {}) }];
    }),
  };
}

function toolMessage(content: readonly AiContent[], { tools = [] }: Conversation): AiPrompt[number] {
  return {
    role: "tool",
    content: content.flatMap((part) => {
      if (part.type !== "tool-call") return [];
      const { toolCallId, toolName } = part;
      const value = tools.find(({ name }) => name === toolName)?.result ?? "unknown tool";
      return [
        { type: "tool-result" as const, toolCallId, toolName, output: { type: "text" as const, value } },
      ];
    }),
  };
}

function reply(content: readonly AiContent[], { finishReason, usage, providerMetadata }: AiFinish): Reply {
  return {
    kind: "message",
    thinking: content.flatMap((part) => (part.type === "reasoning" ? part.text : [])).join(""),
    text: textOf(content),
    calls: content.flatMap((part) =>
      part.type === "tool-call"
        ? { id: part.toolCallId, name: part.toolName, input: parsed(part.input) }
        : [],
    ),
    stopReason: finishReason.raw ?? finishReason.unified,
    stopSequence: (providerMetadata?.anthropic?.stopSequence as string | null | undefined) ?? null,
    inputTokens: usage.inputTokens.total ?? Number.NaN,
    outputTokens: usage.outputTokens.total ?? Number.NaN,
  };
}

function textOf(content: readonly AiContent[]): string {
  return content.flatMap((part) => (part.type === "text" ? part.text : [])).join("");
}

/** The AI SDK hands over arguments as text, cut ones too. */
function parsed(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    // What is no JSON stays text: that is what a user gets to see.
    return input;
  }
}

interface AiError {
  readonly statusCode?: number;
  readonly message?: string;
  readonly type?: string;
  readonly data?: { readonly error?: { readonly type?: string } };
}

function failure(error: unknown, text: string): Reply {
  const { statusCode, message, type, data } = error as AiError;
  return {
    kind: "failure",
    status: statusCode ?? null,
    type: data?.error?.type ?? type ?? null,
    message: message ?? String(error),
    text,
  };
}
