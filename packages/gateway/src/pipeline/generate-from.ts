import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { CacheDiagnostics, DiagnosisOptions } from "../cache/diagnostics/create-cache-diagnostics.ts";
import { deferred } from "../streaming/deferred.ts";
import { withModelName } from "../streaming/with-model-name.ts";
import { checkModelLimits } from "./check-model-limits.ts";
import { checkThinking } from "./check-thinking.ts";
import { orElse } from "./or-else.ts";
import type { Candidate } from "./resolve-models.ts";
import { withAppliedEdits } from "./with-applied-edits.ts";
import { type CachePlanOptions, cachePlanOf, withCachePlan } from "./with-cache-plan.ts";
import { withDiagnosis } from "./with-diagnosis.ts";

export interface GenerateFromOptions extends CachePlanOptions, Pick<DiagnosisOptions, "onDivergence"> {
  /** Without it nothing is said of caches. */
  readonly diagnostics?: CacheDiagnostics;
}

/** One candidate's answer under the model name that the client asked for. */
export function generateFrom(
  candidate: Candidate,
  request: MessagesRequest,
  { diagnostics, onDivergence, promptCache, startedAt, ...options }: GenerateFromOptions,
): AsyncIterableIterator<MessageStreamEvent> {
  const { engine, name, fullName: model } = candidate;
  return deferred(async () => {
    if (options.signer) checkThinking(request, options.signer);
    await checkModelLimits(request, { engine, name, ...options });
    // One object for both: an engine may know it again and not read it twice.
    const asked = { ...request, model: name };
    const cache = await cachePlanOf(candidate, asked, { ...options, promptCache, startedAt });
    const events = withModelName(engine.generate(asked, { ...options, cache }), request.model);
    const planned = cache ? withCachePlan(events, cache) : events;
    const edited = request.context_management ? withAppliedEdits(planned) : planned;
    const { workspace } = options;
    // An upstream that speaks the API says itself what became of its cache.
    const isLost = cache !== null && cache.lostTokens > 0;
    const diagnosis = engine.relay
      ? null
      : diagnostics?.of(request, { workspace, model, onDivergence, isLost });
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
