import { collectMessage, type MessageStreamEvent, type MessagesRequest } from "@ml-intern/messages";
import type { Context, Handler } from "hono";
import type { PromptCache } from "../cache/create-prompt-cache.ts";
import type { CacheDiagnostics } from "../cache/diagnostics/create-cache-diagnostics.ts";
import type { ThinkingSigner } from "../engines/answer/thinking-signer.ts";
import { cacheLedgerOf } from "../pipeline/cache-ledger.ts";
import { type Attempt, attempted, firstAnswer } from "../pipeline/first-answer.ts";
import { generateFrom, generateFromAny } from "../pipeline/generate-from.ts";
import { metered } from "../pipeline/metered.ts";
import { noteCandidate } from "../pipeline/note-candidate.ts";
import { orElse } from "../pipeline/or-else.ts";
import { type ReceivedRequest, receiveRequest } from "../pipeline/received-request.ts";
import { relayTo } from "../pipeline/relay-to.ts";
import type { Candidate, ModelNames, ResolveModels } from "../pipeline/resolve-models.ts";
import type { UsageMeter } from "../pipeline/usage-meter.ts";
import { awaitFirst } from "../streaming/await-first.ts";
import { clientController } from "../streaming/client-controller.ts";
import { sseBody } from "../streaming/sse-body.ts";
import { withErrorEvent } from "../streaming/with-error-event.ts";
import { withPing } from "../streaming/with-ping.ts";
import { validateCreate } from "../validation/validate-request.ts";
import type { Admit } from "./admission.ts";
import { admittedResponse } from "./admitted-response.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { noteFailure } from "./note-failure.ts";

/** A first event that takes longer is waited for within the stream, so that headers leave before clients give up. */
const FIRST_EVENT_MS = 30_000;

const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  // Proxies that buffer would hold events back until the stream ends.
  "x-accel-buffering": "no",
};

export interface PipelineOptions {
  readonly resolveModels: ResolveModels;
  /** What the error for an unknown name offers. */
  readonly names: ModelNames;
  readonly admit: Admit;
  readonly signer: ThinkingSigner;
  readonly maxBodyBytes: number;
}

export interface MessagesRouteOptions extends PipelineOptions {
  readonly pingIntervalMs: number;
  readonly diagnostics: CacheDiagnostics;
  readonly promptCache: PromptCache;
}

/** `POST /v1/messages`: a stream of events when the body says `stream: true`, else the message that they add up to. */
export function messagesRoute({
  pingIntervalMs,
  diagnostics,
  promptCache,
  ...options
}: MessagesRouteOptions): Handler<GatewayEnv> {
  return async (context) => {
    const notes = context.get("notes");
    const received = await receiveRequest(context.req.raw, { validate: validateCreate, notes, ...options });
    const { body } = received;
    notes.stream = body.stream === true;
    return admittedResponse(context, {
      kind: "message",
      body,
      admit: options.admit,
      respond: (given) =>
        answer(received, {
          ...{ context, pingIntervalMs, diagnostics, promptCache, signer: options.signer, ...given },
        }),
    });
  };
}

interface AnswerOptions {
  readonly context: Context<GatewayEnv>;
  readonly pingIntervalMs: number;
  readonly diagnostics: CacheDiagnostics;
  readonly promptCache: PromptCache;
  readonly signer: ThinkingSigner;
  readonly meter: UsageMeter;
  readonly onEnd: () => void;
}

/** The response of the first candidate that answers; throws the failure to tell when none does. */
function answer(
  received: ReceivedRequest<MessagesRequest>,
  { context, pingIntervalMs, diagnostics, promptCache, signer, meter, onEnd }: AnswerOptions,
): Promise<Response> {
  const { notes, requestId, workspace, headers, startedAt } = context.var;
  const { url } = context.req.raw;
  const controller = clientController(context.req.raw);
  const { signal } = controller;
  const onDivergence = (path: string): void => {
    notes.cache_miss_at = path;
  };
  const caching = { diagnostics, onDivergence, promptCache, startedAt };
  const generation = { signal, headers, workspace, signer, ...caching };
  const onAsk = (candidate: Candidate): void => noteCandidate(candidate, notes);
  const onBegin = (): void => context.set("streaming", true);

  function relayed(candidate: Candidate): Promise<Attempt<Response>> {
    const path = `/messages${new URL(url).search}`;
    const { bytes, body } = received;
    return relayTo(candidate, {
      openLedger: () => cacheLedgerOf(candidate, body, { promptCache, workspace, startedAt, notes }),
      ...{ path, bytes, headers, workspace, meter, notes, requestId, controller, pingIntervalMs },
      ...{ onBegin, onEnd },
    });
  }

  async function streamed(candidate: Candidate, rest: readonly Candidate[]): Promise<Response> {
    const request = received.validated();
    const started = await awaitFirst(generateFrom(candidate, request, generation), FIRST_EVENT_MS);
    // Where the first event is still to come, the others may yet have to step in.
    const next = (): AsyncIterable<MessageStreamEvent> =>
      generateFromAny(rest, request, { ...generation, onAsk });
    const events = metered(rest.length > 0 ? orElse(started, { next, signal }) : started, meter);
    const complete = withErrorEvent(withPing(events, { intervalMs: pingIntervalMs }), {
      ...{ requestId, signal },
      onFailure: (error) => noteFailure(error, notes),
    });
    onBegin();
    return new Response(sseBody(complete, { controller, onEnd }), { headers: STREAM_HEADERS });
  }

  async function whole(candidate: Candidate): Promise<Response> {
    const events = generateFrom(candidate, received.validated(), generation);
    return Response.json(await collectMessage(metered(events, meter)));
  }

  return firstAnswer(received.candidates, {
    attempt: (candidate, rest) => {
      onAsk(candidate);
      if (candidate.engine.relay) return relayed(candidate);
      return attempted(() => (received.body.stream === true ? streamed(candidate, rest) : whole(candidate)));
    },
    signal,
  });
}
