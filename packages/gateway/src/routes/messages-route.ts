import { collectMessage, type Message, type MessageStreamEvent } from "@ml-intern/messages";
import type { Context, Handler } from "hono";
import type { GatewayOptions } from "../create-gateway.ts";
import { awaitFirst } from "../streaming/await-first.ts";
import { clientController } from "../streaming/client-controller.ts";
import { sseBody } from "../streaming/sse-body.ts";
import { withErrorEvent } from "../streaming/with-error-event.ts";
import { withModelName } from "../streaming/with-model-name.ts";
import { withPing } from "../streaming/with-ping.ts";
import { readBody } from "../validation/read-body.ts";
import { validateCreate } from "../validation/validate-request.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { noteFailure } from "./note-failure.ts";
import { notedEvents } from "./noted-events.ts";
import { resolveEngine } from "./resolve-engine.ts";

export const MAX_BODY_BYTES: number = 32 * 1024 * 1024;

/** A first event that takes longer is waited for within the stream, so that headers leave before clients give up. */
const FIRST_EVENT_MS = 30_000;

export type MessagesRouteOptions = Pick<GatewayOptions, "engines" | "resolveModel" | "defaultModel"> & {
  readonly pingIntervalMs: number;
};

/** `POST /v1/messages`: a stream of events when the body says `stream: true`, else the message that they add up to. */
export function messagesRoute(options: MessagesRouteOptions): Handler<GatewayEnv> {
  return async (context) => {
    const { headers } = context.req.raw;
    const request = validateCreate(await readBody(context.req.raw, { maxBytes: MAX_BODY_BYTES }), headers);
    const { notes, workspace, elapsed } = context.var;
    Object.assign(notes, { model: request.model, stream: request.stream === true });
    const { engine, name } = resolveEngine(request.model, options);
    Object.assign(notes, { engine: engine.name, upstream_model: name });
    const controller = clientController(context.req.raw);
    const events = notedEvents(
      withModelName(
        engine.generate({ ...request, model: name }, { signal: controller.signal, headers, workspace }),
        request.model,
      ),
      { notes, elapsed },
    );
    if (request.stream)
      return streamed(events, { context, controller, pingIntervalMs: options.pingIntervalMs });
    const message: Message = await collectMessage(events);
    return context.json(message);
  };
}

interface StreamedOptions {
  readonly context: Context<GatewayEnv>;
  readonly controller: AbortController;
  readonly pingIntervalMs: number;
}

async function streamed(
  events: AsyncIterable<MessageStreamEvent>,
  { context, controller, pingIntervalMs }: StreamedOptions,
): Promise<Response> {
  const { requestId, notes, finish } = context.var;
  const started = await awaitFirst(events, FIRST_EVENT_MS);
  const complete = withErrorEvent(withPing(started, { intervalMs: pingIntervalMs }), {
    requestId,
    signal: controller.signal,
    onFailure: (error) => noteFailure(error, notes),
  });
  context.set("streaming", true);
  return new Response(sseBody(complete, { controller, onEnd: finish }), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      // Proxies that buffer would hold events back until the stream ends.
      "x-accel-buffering": "no",
    },
  });
}
