import type { MessageStreamEvent, MessagesRequest } from "@ml-intern/messages";
import type { GenerateOptions } from "../engines/engine.ts";
import { deferred } from "../streaming/deferred.ts";
import { withModelName } from "../streaming/with-model-name.ts";
import { checkModelLimits } from "./check-model-limits.ts";
import { checkThinking } from "./check-thinking.ts";
import { orElse } from "./or-else.ts";
import type { Candidate } from "./resolve-models.ts";
import { withAppliedEdits } from "./with-applied-edits.ts";

/** One candidate's answer under the model name that the client asked for. */
export function generateFrom(
  { engine, name }: Candidate,
  request: MessagesRequest,
  options: GenerateOptions,
): AsyncIterableIterator<MessageStreamEvent> {
  return deferred(async () => {
    if (options.signer) checkThinking(request, options.signer);
    await checkModelLimits(request, { engine, name, ...options });
    const events = withModelName(engine.generate({ ...request, model: name }, options), request.model);
    return request.context_management ? withAppliedEdits(events) : events;
  });
}

export interface GenerateFromAnyOptions extends GenerateOptions {
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
