import { argumentsOf, pieces, type ScriptedTurn, stopReasonOf } from "../scripted-turn.ts";

/** One chunk of a streamed chat completion, as the server would send it. */
export type OpenAiChunk = Readonly<Record<string, unknown>>;

const FINISH_REASONS: Readonly<Record<string, string>> = {
  tool_use: "tool_calls",
  max_tokens: "length",
  refusal: "content_filter",
};

/** A chunk that carries one change; without a change it carries only the finish reason. */
export function openAiChunk(delta: object, finishReason: string | null = null): OpenAiChunk {
  return {
    id: "chatcmpl-scripted",
    object: "chat.completion.chunk",
    created: 0,
    model: "scripted",
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  };
}

/** The chunk that reports usage: it has no choices, and comes after the one with the finish reason. */
export function openAiUsageChunk(usage: object): OpenAiChunk {
  return { ...openAiChunk({}), choices: [], usage };
}

/** A scripted turn as chunks: role first, name before arguments, usage last. */
export function turnChunks(
  turn: ScriptedTurn,
  { includeUsage }: { includeUsage: boolean },
): readonly OpenAiChunk[] {
  const { splitsCharacters } = turn;
  const cut = (text: string): readonly string[] => pieces(text, { size: 8, splitsCharacters });
  const usage = turn.usage ?? { input_tokens: 10, output_tokens: 5 };
  const chunks = [
    openAiChunk({ role: "assistant", content: "" }),
    ...cut(turn.thinking ?? "").map((piece) => openAiChunk({ reasoning_content: piece })),
    ...cut(turn.text ?? "").map((piece) => openAiChunk({ content: piece })),
    ...(turn.toolCalls ?? []).flatMap((call, index) => [
      openAiChunk({
        tool_calls: [
          {
            index,
            id: call.id ?? `call_scripted_${index + 1}`,
            type: "function",
            function: { name: call.name, arguments: "" },
          },
        ],
      }),
      ...cut(argumentsOf(call)).map((piece) =>
        openAiChunk({ tool_calls: [{ index, function: { arguments: piece } }] }),
      ),
    ]),
    openAiChunk({}, FINISH_REASONS[stopReasonOf(turn)] ?? "stop"),
  ];
  if (!includeUsage) return chunks;
  const { input_tokens: input, output_tokens: output } = usage;
  return [
    ...chunks,
    openAiUsageChunk({ prompt_tokens: input, completion_tokens: output, total_tokens: input + output }),
  ];
}
