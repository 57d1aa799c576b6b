import type {
  CacheMissReason,
  Diagnostics,
  MessageDeltaUsage,
  MessageStreamEvent,
  Usage,
} from "@ml-intern/messages";
import type { RequestNotes } from "./gateway-env.ts";

/** Writes down what one event of an answer says of tokens, of the ending, and when the first one came. */
export function noteEvent(
  event: MessageStreamEvent,
  { notes, elapsed }: { readonly notes: RequestNotes; readonly elapsed: () => number },
): void {
  notes.first_event_ms ??= elapsed();
  if (event.type === "message_start") {
    noteUsage(event.message.usage, notes);
    noteDiagnostics(event.message.diagnostics, notes);
  } else if (event.type === "message_delta") {
    noteUsage(event.usage, notes);
    if (event.delta.stop_reason) notes.stop_reason = event.delta.stop_reason;
  }
}

const CACHE_MISS_REASONS: Readonly<Record<CacheMissReason["type"], true>> = {
  model_changed: true,
  system_changed: true,
  tools_changed: true,
  messages_changed: true,
  previous_message_not_found: true,
  unavailable: true,
};

/** Writes down why a prompt was not in the cache, where that was found out and is a reason that the API knows. */
export function noteDiagnostics(diagnostics: Diagnostics | null | undefined, notes: RequestNotes): void {
  const type = diagnostics?.cache_miss_reason?.type;
  if (typeof type === "string" && Object.hasOwn(CACHE_MISS_REASONS, type)) notes.cache_miss_reason = type;
}

/** Counts in a later event replace those of an earlier one; a count that is missing or null leaves them. */
export function noteUsage(
  usage: Partial<MessageDeltaUsage & Pick<Usage, "cache_creation" | "service_tier">>,
  notes: RequestNotes,
): void {
  const hour = hourOf(usage, notes);
  const counts = {
    input_tokens: usage.input_tokens,
    cache_read_input_tokens: usage.cache_read_input_tokens,
    cache_creation_input_tokens: usage.cache_creation_input_tokens,
    cache_creation_1h_input_tokens: hour,
    output_tokens: usage.output_tokens,
  };
  for (const [name, count] of Object.entries(counts)) {
    if (typeof count === "number") notes[name as keyof typeof counts] = count;
  }
  if (typeof usage.service_tier === "string") notes.service_tier = usage.service_tier;
}

/**
 * The part of what was written that is kept for an hour. The end of a stream does not say it; where it corrects the whole, the
 * part is corrected with it.
 */
function hourOf(
  usage: Partial<MessageDeltaUsage & Pick<Usage, "cache_creation">>,
  { cache_creation_input_tokens: before, cache_creation_1h_input_tokens: hour }: RequestNotes,
): number | undefined {
  const { cache_creation: split, cache_creation_input_tokens: written } = usage;
  if (split) return split.ephemeral_1h_input_tokens;
  return before && hour && typeof written === "number" ? Math.round((hour * written) / before) : hour;
}
