import Anthropic, { APIError } from "@anthropic-ai/sdk";
import type { Conversation, Judge, Reply, Target } from "./judge.ts";

type Params = Anthropic.MessageCreateParamsNonStreaming;

/** `@anthropic-ai/sdk`: its streaming helper, or whole messages. */
export function anthropicSdkJudge({ streams }: { readonly streams: boolean }): Judge {
  return {
    streams,
    async converse(target, conversation) {
      const client = anthropicSdk(target);
      const params = createParams(target, conversation);
      const replies: Reply[] = [];
      for (;;) {
        const seen = { text: "" };
        try {
          const message = streams
            ? await client.messages
                .stream(params)
                .on("text", (text) => {
                  seen.text += text;
                })
                .finalMessage()
            : await client.messages.create(params);
          replies.push(reply(message));
          if (message.stop_reason !== "tool_use") return replies;
          params.messages.push(
            { role: "assistant", content: message.content },
            { role: "user", content: toolResults(message, conversation) },
          );
        } catch (error) {
          if (!(error instanceof APIError)) throw error;
          return [...replies, failure(error, seen.text)];
        }
      }
    },
    async leave(target, conversation) {
      const stream = anthropicSdk(target).messages.stream(createParams(target, conversation));
      for await (const event of stream) if (event.type === "content_block_delta") break;
    },
    async countTokens(target, conversation) {
      const { model, messages, tools } = createParams(target, conversation);
      const count = await anthropicSdk(target).messages.countTokens({
        model,
        messages,
        ...(tools ? { tools } : {}),
      });
      return count.input_tokens;
    },
  };
}

/** The client as its documentation makes it, but without retries, so that a test sees the first failure. */
export function anthropicSdk({ url, key }: Pick<Target, "url" | "key">, options: object = {}): Anthropic {
  return new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0, ...options });
}

export function createParams(
  { model }: Pick<Target, "model">,
  { prompt, tools, maxTokens = 4096, stopSequences, thinking = false }: Conversation,
): Params {
  return {
    model,
    max_tokens: maxTokens,
    messages: [{ role: "user", content: prompt }],
    ...(tools ? { tools: tools.map(({ result: _, ...tool }) => tool) } : {}),
    ...(stopSequences ? { stop_sequences: [...stopSequences] } : {}),
    ...(thinking ? { thinking: { type: "enabled", budget_tokens: 1024 } } : {}),
  };
}

function toolResults(
  { content }: Anthropic.Message,
  { tools = [] }: Conversation,
): Anthropic.ToolResultBlockParam[] {
  return content.flatMap((block) =>
    block.type === "tool_use"
      ? {
          type: "tool_result" as const,
          tool_use_id: block.id,
          content: tools.find((tool) => tool.name === block.name)?.result ?? "unknown tool",
        }
      : [],
  );
}

function reply({ content, stop_reason, stop_sequence, usage }: Anthropic.Message): Reply {
  return {
    kind: "message",
    thinking: content.flatMap((block) => (block.type === "thinking" ? block.thinking : [])).join(""),
    text: content.flatMap((block) => (block.type === "text" ? block.text : [])).join(""),
    calls: content.flatMap((block) =>
      block.type === "tool_use" ? { id: block.id, name: block.name, input: block.input } : [],
    ),
    stopReason: stop_reason,
    stopSequence: stop_sequence,
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
  };
}

function failure(error: APIError, text: string): Reply {
  const message = error.apiMessage ?? error.message;
  return { kind: "failure", status: error.status ?? null, type: error.type, message, text };
}
