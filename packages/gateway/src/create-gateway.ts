import type { CacheMissReason } from "@ml-intern/messages";
import type { Tracer } from "@opentelemetry/api";
import { Hono } from "hono";
import { answerItem } from "./batches/answer-item.ts";
import type { Batches } from "./batches/batches.ts";
import { createPromptCache, type PromptCache } from "./cache/create-prompt-cache.ts";
import { createCacheDiagnostics } from "./cache/diagnostics/create-cache-diagnostics.ts";
import { MemoryEntryStore } from "./cache/entries/memory-entry-store.ts";
import { allPrompts } from "./cache/held-prompts.ts";
import { minimumTokens } from "./cache/minimum-tokens.ts";
import { createId } from "./create-id.ts";
import { processSigner, thinkingSigner } from "./engines/answer/thinking-signer.ts";
import type { Engine } from "./engines/engine.ts";
import { GatewayError } from "./gateway-error.ts";
import type { Metering } from "./metering/metered-request.ts";
import type { GatewayMetrics } from "./metrics/create-metrics.ts";
import { modelResolver } from "./pipeline/resolve-models.ts";
import { access } from "./routes/access.ts";
import { type Admit, admitAll } from "./routes/admission.ts";
import { batchesRoutes } from "./routes/batches-routes.ts";
import { cacheRoutes } from "./routes/cache-routes.ts";
import { cors } from "./routes/cors.ts";
import { countTokensRoute } from "./routes/count-tokens-route.ts";
import { errorResponse } from "./routes/error-response.ts";
import type { GatewayEnv } from "./routes/gateway-env.ts";
import { isLoopbackOrigin } from "./routes/loopback-origin.ts";
import { messagesRoute } from "./routes/messages-route.ts";
import { metricsRoute } from "./routes/metrics-route.ts";
import { modelRoute, modelsRoute } from "./routes/models-route.ts";
import { observeRequests } from "./routes/observe-requests.ts";

/**
 * One line for a finished request; its keys are written as they stand. Unless `logPrompts` asks for them, it holds
 * nothing that a person wrote: no prompt, no answer, no arguments of tools, no headers.
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
  /** An opaque id; see `sessionOf`. */
  readonly session?: string;
  /** As the client named it. */
  readonly model?: string;
  readonly engine?: string;
  /** The model's name at the engine. */
  readonly upstream_model?: string;
  /** Models that were asked first and did not answer, each as `engine/name`. */
  readonly passed_over?: readonly string[];
  /** The id under which the upstream of a pass-through engine knows the request. */
  readonly upstream_request_id?: string;
  readonly stream?: boolean;
  /** A request of a batch, which has such a line for each attempt; `path` and `status` are those of a single request. */
  readonly batch?: true;
  /** Until the engine's first event. */
  readonly first_event_ms?: number;
  readonly input_tokens?: number;
  readonly cache_read_input_tokens?: number;
  readonly cache_creation_input_tokens?: number;
  /** The part of `cache_creation_input_tokens` that is kept for an hour. */
  readonly cache_creation_1h_input_tokens?: number;
  readonly output_tokens?: number;
  /** The answer was cut before its last counts came: `output_tokens` is by the length of what was sent. */
  readonly estimated?: true;
  /** As whoever answered says it. */
  readonly service_tier?: string;
  /** Where a client asks for `diagnostics`: why its prompt was not in the cache, as in `tools_changed`. */
  readonly cache_miss_reason?: CacheMissReason["type"];
  /** The first place in the request that was another one in the request before, as in `tools.3`. */
  readonly cache_miss_at?: string;
  /**
   * Where an upstream keeps its own cache: about how many tokens of the prompt it should have read there, because an
   * earlier answer of it said that they were written.
   */
  readonly cache_promised_tokens?: number;
  readonly stop_reason?: string;
  /** Present when the request failed, before or after the first byte. */
  readonly error_type?: string;
  readonly error_code?: string;
  /** What happened in words, where these cannot quote the request or the answer. */
  readonly error?: string;
  /** The request's body; only where the log is to hold what people wrote. */
  readonly request?: unknown;
}

/** Who a key stands for. */
export interface GatewayKey {
  readonly workspace: string;
  /** For logs and limits; default: the workspace's. */
  readonly name?: string;
  /** Whether it may see and clear what all workspaces have cached; default false. */
  readonly admin?: boolean;
}

export interface GatewayOptions {
  /** By the prefix that model names carry: `engine/name`. */
  readonly engines: Readonly<Record<string, Engine>>;
  /**
   * Other names of models, each with the `engine/name`s that answer to it: the next one is asked when one is down, over
   * its limit, or lacks the model. `claude-*` stands for every name that begins so; a `*` at the end of an
   * `engine/name` stands for the same rest.
   */
  readonly models?: Readonly<Record<string, readonly string[]>>;
  /** Decides on each request before an engine sees it; default: all are let in. */
  readonly admit?: Admit;
  /** Serves `/v1/messages/batches` and begins to process them; without it these routes are not found. */
  readonly batches?: Batches;
  /**
   * Accepted keys, each as itself or as its digest, `sha256:…`. Without any, every key is accepted: then listen on
   * loopback only.
   */
  readonly keys?: Readonly<Record<string, GatewayKey>>;
  readonly now?: () => number;
  readonly newId?: (prefix: "msg" | "req" | "toolu") => string;
  readonly log?: (entry: GatewayLogEntry) => void;
  /** Give the log the requests' bodies too; default false. */
  readonly logPrompts?: boolean;
  /** Keeps what each request for a message used, those of batches included. */
  readonly metering?: Metering;
  /** Counts what happens, and is served at `/metrics`. */
  readonly metrics?: GatewayMetrics;
  /** Serve `/metrics` only to those who show a key; default false. */
  readonly metricsNeedKey?: boolean;
  /** Writes a span for each request. */
  readonly tracer?: Tracer;
  /** Origins whose pages may ask, where keys are configured; `*` for all. */
  readonly origins?: readonly string[];
  /** Sent with every response; default: a new one for each gateway. */
  readonly organizationId?: string;
  /** Keeps the contract of prompt caching; default: one that forgets when the process ends. */
  readonly promptCache?: PromptCache;
  /** Signs thinking that is written here; keep it, so that conversations outlive the process. Default: a new one. */
  readonly signingKey?: Uint8Array;
  /** Larger requests are refused; default 32 MiB, which is the API's limit. Those for batches may be larger. */
  readonly maxBodyBytes?: number;
  /** Longest silence within a stream before a `ping`; default 15 s. */
  readonly pingIntervalMs?: number;
}

/** A Hono application; `gateway.fetch` takes a `Request`. */
export type Gateway = Hono<GatewayEnv>;

/**
 * Builds the Messages server over the given engines. It opens nothing by itself: hand its `fetch` to a client or a socket.
 * Throws when a name in `models` leads to no engine.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const {
    keys = {},
    now = Date.now,
    newId = createId,
    log = () => {},
    logPrompts: logsPrompts = false,
    metering,
    metrics,
    metricsNeedKey = false,
    tracer,
    origins = [],
    organizationId = crypto.randomUUID(),
    pingIntervalMs = 15_000,
    maxBodyBytes = 32 * 1024 * 1024,
    admit = admitAll,
    signingKey,
    batches,
    promptCache = createPromptCache({
      now,
      store: new MemoryEntryStore(),
      minimumTokens: minimumTokens(),
    }),
  } = options;
  const signer = signingKey ? thinkingSigner(signingKey) : processSigner;
  const pipeline = {
    resolveModels: modelResolver(options),
    names: options,
    admit,
    signer,
    diagnostics: createCacheDiagnostics({ now }),
    promptCache,
    maxBodyBytes,
    pingIntervalMs,
  };
  const app: Gateway = new Hono();
  const isAllowedOrigin = (origin: string): boolean =>
    Object.keys(keys).length === 0
      ? isLoopbackOrigin(origin)
      : origins.includes(origin) || origins.includes("*");
  const allowed = access({ keys, organizationId });
  app.use(observeRequests({ now, newId, organizationId, log, logsPrompts, metering, metrics, tracer }));
  app.use(cors(isAllowedOrigin));
  app.get("/", (context) => context.json({ api: "messages", models: "/v1/models" }));
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  if (metrics) {
    if (metricsNeedKey) app.use("/metrics", allowed);
    app.get("/metrics", metricsRoute(metrics));
  }
  app.use("/cache", allowed);
  app.route("/cache", cacheRoutes(allPrompts(promptCache, options.engines)));
  // Some clients take the base URL with `/v1`, some without.
  for (const root of ["/v1", ""]) {
    for (const path of [`${root}/messages`, `${root}/messages/*`, `${root}/models`, `${root}/models/*`]) {
      app.use(path, allowed);
    }
    if (batches) app.route(`${root}/messages/batches`, batchesRoutes(batches));
    app.post(`${root}/messages`, messagesRoute(pipeline));
    app.post(`${root}/messages/count_tokens`, countTokensRoute(pipeline));
    app.get(`${root}/models`, modelsRoute(pipeline));
    app.get(`${root}/models/:id{.+}`, modelRoute(pipeline));
  }
  app.notFound((context) => errorResponse(routeNotFound(context.req.method, context.req.path), context));
  app.onError(errorResponse);
  batches?.start(answerItem({ ...pipeline, log, metering, now, newId }));
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
