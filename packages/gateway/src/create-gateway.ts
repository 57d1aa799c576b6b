import { Hono } from "hono";
import { createId } from "./create-id.ts";
import type { Engine } from "./engines/engine.ts";
import { GatewayError } from "./gateway-error.ts";
import { access } from "./routes/access.ts";
import { countTokensRoute } from "./routes/count-tokens-route.ts";
import { errorResponse } from "./routes/error-response.ts";
import type { GatewayEnv } from "./routes/gateway-env.ts";
import { messagesRoute } from "./routes/messages-route.ts";
import { modelRoute, modelsRoute } from "./routes/models-route.ts";
import { requestLog } from "./routes/request-log.ts";

/**
 * One line for a finished request; its keys are written as they stand. It holds nothing that a person wrote: no prompt,
 * no answer, no arguments of tools, no headers.
 */
export interface GatewayLogEntry {
  readonly request_id: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly workspace?: string;
  /** The key's name in the configuration, never the key. */
  readonly key?: string;
  /** As the client named it. */
  readonly model?: string;
  readonly engine?: string;
  /** The model's name at the engine. */
  readonly upstream_model?: string;
  readonly stream?: boolean;
  /** Until the engine's first event. */
  readonly first_event_ms?: number;
  readonly input_tokens?: number;
  readonly cache_read_input_tokens?: number;
  readonly cache_creation_input_tokens?: number;
  /** The part of `cache_creation_input_tokens` that is kept for an hour. */
  readonly cache_creation_1h_input_tokens?: number;
  readonly output_tokens?: number;
  readonly stop_reason?: string;
  /** Present when the request failed, before or after the first byte. */
  readonly error_type?: string;
  readonly error_code?: string;
  /** What happened in words, where these cannot quote the request or the answer. */
  readonly error?: string;
}

/** Who a key stands for. */
export interface GatewayKey {
  readonly workspace: string;
}

export interface GatewayOptions {
  /** By the prefix that model names carry: `engine/name`. */
  readonly engines: Readonly<Record<string, Engine>>;
  /** Gives a model name another meaning, for aliases: returns `engine/name`, or null to leave the name as it is. */
  readonly resolveModel?: (model: string) => string | null;
  /** The `engine/name` that the model name `default` stands for. */
  readonly defaultModel?: string;
  /** Accepted keys. Without any, every key is accepted: then listen on loopback only. */
  readonly keys?: Readonly<Record<string, GatewayKey>>;
  readonly now?: () => number;
  readonly newId?: (prefix: "msg" | "req" | "toolu") => string;
  readonly log?: (entry: GatewayLogEntry) => void;
  /** Longest silence within a stream before a `ping`; default 15 s. */
  readonly pingIntervalMs?: number;
}

/** A Hono application; `gateway.fetch` takes a `Request`. */
export type Gateway = Hono<GatewayEnv>;

/** Builds the Messages server over the given engines. It opens nothing by itself: hand its `fetch` to a client or a socket. */
export function createGateway(options: GatewayOptions): Gateway {
  const {
    engines,
    keys,
    now = Date.now,
    newId = createId,
    log = () => {},
    pingIntervalMs = 15_000,
  } = options;
  const app: Gateway = new Hono();
  app.use(requestLog({ now, newId, log }));
  app.get("/", (context) => context.json({ api: "messages", models: "/v1/models" }));
  // Some clients take the base URL with `/v1`, some without.
  for (const root of ["/v1", ""]) {
    for (const path of [`${root}/messages`, `${root}/messages/*`, `${root}/models`, `${root}/models/*`]) {
      app.use(path, access(keys));
    }
    app.post(`${root}/messages`, messagesRoute({ ...options, pingIntervalMs }));
    app.post(`${root}/messages/count_tokens`, countTokensRoute(options));
    app.get(`${root}/models`, modelsRoute(engines));
    app.get(`${root}/models/:id{.+}`, modelRoute(engines));
  }
  app.notFound((context) => errorResponse(routeNotFound(context.req.method, context.req.path), context));
  app.onError(errorResponse);
  return app;
}

function routeNotFound(method: string, path: string): GatewayError {
  return new GatewayError(`Not found: ${method} ${path}`, {
    code: "route_not_found",
    status: 404,
    type: "not_found_error",
    mend: "This server answers POST /v1/messages, POST /v1/messages/count_tokens and GET /v1/models.",
  });
}
