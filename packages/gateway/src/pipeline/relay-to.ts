import type { GenerateOptions } from "../engines/engine.ts";
import type { RequestNotes } from "../routes/gateway-env.ts";
import { noteFailure } from "../routes/note-failure.ts";
import { messageTap, streamTap } from "./answer-tap.ts";
import type { CacheLedger } from "./cache-ledger.ts";
import { type Attempt, attempted } from "./first-answer.ts";
import { type RelayBodyOptions, relayBody } from "./relay-body.ts";
import type { Candidate } from "./resolve-models.ts";
import { spliceModel } from "./splice-model.ts";
import type { UsageMeter } from "./usage-meter.ts";
import { withoutOurThinking } from "./without-our-thinking.ts";

export interface RelayToOptions
  extends Pick<GenerateOptions, "headers" | "workspace">,
    Pick<RelayBodyOptions, "requestId" | "controller" | "pingIntervalMs" | "onEnd"> {
  /** Under `/v1`, with the client's query. */
  readonly path: string;
  /** As the client sent it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Begun when the request has been sent; must not reject. Default: the upstream's cache is not followed. */
  readonly openLedger?: () => Promise<CacheLedger | null>;
  readonly meter: UsageMeter;
  readonly notes: RequestNotes;
  /** Called when the response is made: from then on `onEnd` tells its end. */
  readonly onBegin: () => void;
}

/** Sends the client's bytes to a candidate that relays, and makes a response of what comes back, whatever its status. */
export async function relayTo(
  { engine, name }: Candidate,
  { path, bytes, openLedger, meter, notes, onBegin, ...options }: RelayToOptions,
): Promise<Attempt<Response>> {
  const { controller, headers, workspace } = options;
  const asking = attempted(async () =>
    engine.relay?.(
      { path, body: spliceModel(withoutOurThinking(bytes), name) },
      { signal: controller.signal, headers, workspace },
    ),
  );
  const ledger = (await openLedger?.()) ?? null;
  const asked = await asking;
  if (asked.kind === "failed") return { ...asked, tell: () => asked.tell() as never };
  const { answer } = asked;
  if (!answer) throw new Error(`The engine ${engine.name} does not relay`);
  const { status } = answer;
  const response = (): Response => {
    onBegin();
    const upstreamId = answer.headers.get("request-id");
    if (upstreamId !== null) notes.upstream_request_id = upstreamId;
    const isStream = isEventStream(answer.headers);
    const body = relayBody(answer, {
      ...options,
      isStream,
      requestId: upstreamId ?? options.requestId,
      tap: (isStream ? streamTap : messageTap)({ meter, notes, ledger }),
      onFailure: (error) => noteFailure(error, notes),
    });
    return new Response(body, { status, headers: headersOf(answer.headers, { isStream }) });
  };
  if (status < 300) return { kind: "answered", answer: response() };
  const discard = (): PromiseLike<void> => answer[Symbol.asyncDispose]();
  return { kind: "failed", status, tell: response, discard };
}

/** One that can be looked into: a compressed one is passed on unseen. */
function isEventStream(headers: Headers): boolean {
  return (
    headers.get("content-type")?.startsWith("text/event-stream") === true && !headers.has("content-encoding")
  );
}

function headersOf(upstream: Headers, { isStream }: { readonly isStream: boolean }): Headers {
  const headers = new Headers(upstream);
  if (!isStream) return headers;
  // Something of ours may be added to it.
  headers.delete("content-length");
  // Proxies that buffer would hold events back until the stream ends.
  headers.set("x-accel-buffering", "no");
  return headers;
}
