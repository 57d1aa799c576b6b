import type { Diagnostics, MessagesRequest } from "@ml-intern/messages";
import type { PromptPlace } from "../prompt/prompt-block.ts";
import { type Divergence, diagnose } from "./diagnose.ts";
import { type Fingerprint, type Fingerprinted, takeFingerprint } from "./fingerprint.ts";
import { createFingerprintStore, type FingerprintStoreOptions } from "./fingerprint-store.ts";

/** Explains why a request cannot reuse the prompt of the one before it, to those who ask for that. */
export interface CacheDiagnostics {
  /** Null where the request does not ask. */
  of(request: MessagesRequest, options: DiagnosisOptions): RequestDiagnosis | null;
}

export interface DiagnosisOptions {
  readonly workspace: string;
  /** Who answers, as `engine/name`. */
  readonly model: string;
  /** Learns where the request parts from the one before, such as `tools.3`: for logs, since it quotes nothing. */
  readonly onDivergence?: ((path: string) => void) | undefined;
  /** Whether an entry was found whose state is gone; default false. */
  readonly isLost?: boolean;
}

/** The diagnosis of one request. Nothing in it throws: what cannot be found out is `unavailable`. */
export interface RequestDiagnosis {
  /** What the response says about its request; from now on the next request can be compared with this one. */
  began(messageId: string): Diagnostics | null;
  /** How many tokens the prompt had after all. */
  counted(promptTokens: number): void;
}

/**
 * Compares each request with the one whose response it names. What is kept of a request for that are digests and token
 * counts, for an hour, in memory, and only where it asked (`diagnostics`, also with null on the first turn). Whether the
 * cache was hit plays no part, but where nothing differs and what was written is lost, that is `unavailable`.
 */
export function createCacheDiagnostics(options: FingerprintStoreOptions): CacheDiagnostics {
  const store = createFingerprintStore(options);

  return {
    of(request, { workspace, model, onDivergence, isLost = false }) {
      const { diagnostics } = request;
      if (!diagnostics) return null;
      const previousId = diagnostics.previous_message_id ?? null;
      let kept: { readonly messageId: string; readonly fingerprint: Fingerprint } | null = null;

      function compared(messageId: string): Diagnostics | null {
        const { fingerprint, places } = takeFingerprint(request, model);
        const previous = previousId === null ? null : store.get({ workspace, messageId: previousId });
        store.put({ workspace, messageId }, fingerprint);
        kept = { messageId, fingerprint };
        if (previousId === null) return null;
        if (!previous) return { cache_miss_reason: { type: "previous_message_not_found" } };
        const divergence = diagnose(fingerprint, previous);
        if (divergence?.at) onDivergence?.(pathOf(divergence.at, places));
        if (divergence) return { cache_miss_reason: divergence.reason };
        return isLost ? { cache_miss_reason: { type: "unavailable" } } : null;
      }

      return {
        began(messageId) {
          try {
            return compared(messageId);
          } catch {
            // An answer matters more than what is said about its cache.
            return { cache_miss_reason: { type: "unavailable" } };
          }
        },
        counted(promptTokens) {
          if (!kept || !(promptTokens > 0)) return;
          const { messageId, fingerprint } = kept;
          store.put({ workspace, messageId }, { ...fingerprint, promptTokens });
        },
      };
    },
  };
}

/** A section alone where the earlier request went on and this one does not. */
function pathOf({ section, block }: NonNullable<Divergence["at"]>, places: Fingerprinted["places"]): string {
  const place: PromptPlace | undefined = places[section][block];
  if (!place) return section;
  return place.section === "messages"
    ? `messages.${place.message}.content.${place.block}`
    : `${section}.${place.index}`;
}
