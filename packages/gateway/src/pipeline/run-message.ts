import { collectMessage, type Message, type MessagesRequest } from "@ml-intern/messages";
import { type Admit, admitAll } from "../routes/admission.ts";
import type { RequestNotes } from "../routes/gateway-env.ts";
import { admitted } from "./admitted.ts";
import { attempted, firstAnswer } from "./first-answer.ts";
import { type GenerateFromOptions, generateFrom } from "./generate-from.ts";
import { metered } from "./metered.ts";
import { noteCandidate } from "./note-candidate.ts";
import { type ModelNames, type ResolveModels, unknownModel } from "./resolve-models.ts";
import { UsageMeter } from "./usage-meter.ts";

export interface RunMessageOptions extends GenerateFromOptions {
  readonly resolveModels: ResolveModels;
  /** What the error for an unknown name offers. */
  readonly names: ModelNames;
  /** Default: everyone is let in. */
  readonly admit?: Admit;
  /** The name of the key that stands for the request; default null. */
  readonly key?: string | null;
  /** Learns who answered and what was used. */
  readonly notes?: RequestNotes;
}

/**
 * Answers a validated request with a whole message, outside of HTTP: aliases, fallbacks, limits and admission as for a
 * request from a client. Throws what a client would be told; see `toApiError`.
 */
export async function runMessage(
  request: MessagesRequest,
  { resolveModels, names, admit = admitAll, key = null, notes = {}, ...options }: RunMessageOptions,
): Promise<Message> {
  const candidates = resolveModels(request.model);
  if (candidates.length === 0) throw unknownModel(request.model, names);
  const begun = performance.now();
  const meter = new UsageMeter({ notes, elapsed: () => performance.now() - begun });
  const admission = await admitted(request, {
    kind: "message",
    admit,
    asker: { workspace: options.workspace, key },
  });
  try {
    return await wholeAnswer();
  } finally {
    admission.settle(meter.settle());
  }

  function wholeAnswer(): Promise<Message> {
    return firstAnswer(candidates, {
      attempt: (candidate) => {
        noteCandidate(candidate, notes);
        return attempted(() => collectMessage(metered(generateFrom(candidate, request, options), meter)));
      },
      signal: options.signal,
    });
  }
}
