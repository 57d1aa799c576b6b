import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { CacheDiagnostics, DiagnosisOptions } from "../cache/diagnostics/create-cache-diagnostics.ts";
import type { GenerateOptions } from "../engines/engine.ts";
import { deferred } from "../streaming/deferred.ts";
import { withModelName } from "../streaming/with-model-name.ts";
import { checkModelLimits } from "./check-model-limits.ts";
import { checkThinking } from "./check-thinking.ts";
import { orElse } from "./or-else.ts";
import type { Candidate } from "./resolve-models.ts";
import { withAppliedEdits } from "./with-applied-edits.ts";
import { withDiagnosis } from "./with-diagnosis.ts";

export interface GenerateFromOptions extends GenerateOptions, Pick<DiagnosisOptions, "onDivergence"> {
  /** Without it nothing is said of caches. */
  readonly diagnostics?: CacheDiagnostics;
}

/** One candidate's answer under the model name that the client asked for. */
export function generateFrom(
  { engine, name }: Candidate,
  request: MessagesRequest,
  { diagnostics, onDivergence, ...options }: GenerateFromOptions,
): AsyncIterableIterator<MessageStreamEvent> {
  return deferred(async () => {
    if (options.signer) checkThinking(request, options.signer);
    await checkModelLimits(request, { engine, name, ...options });
    const events = withModelName(engine.generate({ ...request, model: name }, options), request.model);
    const edited = request.context_management ? withAppliedEdits(events) : events;
    const { workspace } = options;
    const model = `${engine.name}/${name}`;
    // An upstream that speaks the API says itself what became of its cache.
    const diagnosis = engine.relay ? null : diagnostics?.of(request, { workspace, model, onDivergence });
    return diagnosis ? withDiagnosis(edited, diagnosis) : edited;
  });
}

export interface GenerateFromAnyOptions extends GenerateFromOptions {
  /** Called with each candidate that is asked. */
  readonly onAsk: (candidate: Candidate) => void;
}

/** The answer of the first candidate that begins one; see {@link orElse}. Nothing when there is none to ask. */
export async function* generateFromAny(
  [first, ...rest]: readonly Candidate[],
  request: MessagesRequest,
  { onAsk, ...options }: GenerateFromAnyOptions,
): AsyncGenerator<MessageStreamEvent> {
  if (!first) return;
  onAsk(first);
  const events = generateFrom(first, request, options);
  if (rest.length === 0) yield* events;
  else {
    const next = (): AsyncIterable<MessageStreamEvent> =>
      generateFromAny(rest, request, { onAsk, ...options });
    yield* orElse(events, { next, signal: options.signal });
  }
}
