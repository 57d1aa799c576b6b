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
import type { GatewayEnv, RequestNotes } from "./gateway-env.ts";
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
    const { notes, workspace } = context.var;
    notes.model = request.model;
    const { engine, name } = resolveEngine(request.model, options);
    const controller = clientController(context.req.raw);
    const events = noted(
      withModelName(
        engine.generate({ ...request, model: name }, { signal: controller.signal, headers, workspace }),
        request.model,
      ),
      notes,
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
    onFailure: (_, detail) => {
      notes.error = detail.message;
    },
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

async function* noted(
  events: AsyncIterable<MessageStreamEvent>,
  notes: RequestNotes,
): AsyncGenerator<MessageStreamEvent> {
  for await (const event of events) {
    if (event.type === "message_delta") {
      notes.output_tokens = event.usage.output_tokens;
      if (typeof event.usage.input_tokens === "number") notes.input_tokens = event.usage.input_tokens;
    } else if (event.type === "message_start") {
      notes.input_tokens = event.message.usage.input_tokens;
    }
    yield event;
  }
}
