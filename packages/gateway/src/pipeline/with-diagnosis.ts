import type { MessageStreamEvent, Usage } from "@ml-intern/messages";
import type { RequestDiagnosis } from "../cache/diagnostics/create-cache-diagnostics.ts";
import { mapped } from "../streaming/mapped.ts";

type PromptCounts = Pick<Usage, "input_tokens" | "cache_creation_input_tokens" | "cache_read_input_tokens">;

/** The same events, where the message's beginning says why its prompt was not in the cache. */
export function withDiagnosis(
  events: AsyncIterable<MessageStreamEvent>,
  diagnosis: RequestDiagnosis,
): AsyncIterableIterator<MessageStreamEvent> {
  let begun: PromptCounts | null = null;
  return mapped(events, (event) => {
    if (event.type === "message_start") {
      const { message } = event;
      begun = message.usage;
      return { ...event, message: { ...message, diagnostics: diagnosis.began(message.id) } };
    }
    if (event.type === "message_delta" && begun) {
      const { usage } = event;
      diagnosis.counted(
        (usage.input_tokens ?? begun.input_tokens) +
          (usage.cache_creation_input_tokens ?? begun.cache_creation_input_tokens) +
          (usage.cache_read_input_tokens ?? begun.cache_read_input_tokens),
      );
    }
    return event;
  });
}
