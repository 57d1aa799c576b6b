import type { CacheMissReason, Message } from "@ml-intern/messages";

export interface CacheMissOptions {
  /** The answer before this one, in the same conversation. */
  readonly before: Message;
  readonly after: Message;
  /** Between the two requests; null when it is not known, as after a resume. */
  readonly sinceMs: number | null;
}

/** Counts of one prompt in two requests may differ by a little where texts meet. */
const TOLERANCE = 0.05;
/** How long a cache keeps a prompt that nobody reads. */
const LIFETIME_MS = 5 * 60_000;

const REASONS: Readonly<Record<CacheMissReason["type"], string>> = {
  model_changed: "another model answers",
  system_changed: "the instructions changed",
  tools_changed: "the tools changed",
  messages_changed: "the conversation changed",
  previous_message_not_found: "the server does not know the conversation any more",
  unavailable: "the server does not say why",
};

/**
 * Why a prompt, of which a cache had the beginning, was paid for again; null when it was not. Conversations only ever
 * grow here, so that a miss is always worth a line.
 */
export function describeCacheMiss({ before, after, sinceMs }: CacheMissOptions): string | null {
  const { cache_read_input_tokens: read, cache_creation_input_tokens: written } = before.usage;
  const kept = read + written;
  const missed = kept - after.usage.cache_read_input_tokens;
  if (missed <= kept * TOLERANCE) return null;
  const said = after.diagnostics?.cache_miss_reason?.type;
  const isOld = sinceMs === null || sinceMs > LIFETIME_MS;
  // Servers elsewhere may have reasons that are not known here.
  const told: string | undefined = said && REASONS[said];
  const why = told ?? (isOld ? "it had not been read for too long" : "it was not kept");
  return `The prompt cache did not have ${missed.toLocaleString("en")} tokens: ${why}.`;
}
