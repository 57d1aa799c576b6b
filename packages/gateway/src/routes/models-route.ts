import type { Handler } from "hono";
import type { Engine, EngineModel } from "../engines/engine.ts";
import { invalidRequest, modelNotFound } from "../gateway-error.ts";
import { clientController } from "../streaming/client-controller.ts";
import type { GatewayEnv } from "./gateway-env.ts";

/** A model as the API describes it. */
interface ModelInfo {
  readonly id: string;
  readonly type: "model";
  readonly display_name: string;
  readonly created_at: string;
  readonly lifecycle: "active";
  readonly line: null;
  readonly max_input_tokens: number | null;
  readonly max_tokens: number | null;
  readonly deprecated_at: null;
  readonly retires_at: null;
  readonly capabilities: null;
}

type Engines = Readonly<Record<string, Engine>>;

/** The API's own convention for a date that nobody knows. */
const UNKNOWN_DATE = "1970-01-01T00:00:00Z";

/** `GET /v1/models`: newest first, in pages. An engine that cannot be reached is left out. */
export function modelsRoute(engines: Engines): Handler<GatewayEnv> {
  return async (context) => {
    const { limit, after_id: afterId, before_id: beforeId, lifecycle } = context.req.query();
    const size = pageSize(limit);
    const known = await listModels(engines, clientController(context.req.raw).signal);
    const all = lifecycle === undefined ? known : known.filter((model) => model.lifecycle === lifecycle);
    const place = (id: string): number => all.findIndex((model) => model.id === id);
    const end = beforeId === undefined ? all.length : Math.max(place(beforeId), 0);
    const start =
      beforeId === undefined ? (afterId === undefined ? 0 : place(afterId) + 1) : Math.max(end - size, 0);
    const data = all.slice(start, Math.min(start + size, end));
    return context.json({
      data,
      has_more: beforeId === undefined ? start + size < all.length : start > 0,
      first_id: data[0]?.id ?? null,
      last_id: data.at(-1)?.id ?? null,
    });
  };
}

/** `GET /v1/models/{id}`, where the id may hold slashes. */
export function modelRoute(engines: Engines): Handler<GatewayEnv> {
  return async (context) => {
    const id = context.req.param("id") ?? "";
    const prefix = id.split("/")[0] ?? "";
    const engine = Object.hasOwn(engines, prefix) ? engines[prefix] : undefined;
    if (!engine) throw modelNotFound(id, "GET /v1/models lists what there is.");
    const models = await engine.listModels({ signal: clientController(context.req.raw).signal });
    const model = models.map((each) => modelInfo(prefix, each)).find((each) => each.id === id);
    if (!model) throw modelNotFound(id, "GET /v1/models lists what there is.");
    return context.json(model);
  };
}

function pageSize(limit: string | undefined): number {
  const size = Number(limit ?? 20);
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw invalidRequest("limit: Input should be a valid integer from 1 to 1000");
  }
  return size;
}

async function listModels(engines: Engines, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const lists = await Promise.allSettled(
    Object.entries(engines).map(async ([prefix, engine]) =>
      (await engine.listModels({ signal })).map((model) => modelInfo(prefix, model)),
    ),
  );
  return lists
    .flatMap((list) => (list.status === "fulfilled" ? list.value : []))
    .sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
}

function modelInfo(prefix: string, model: EngineModel): ModelInfo {
  return {
    id: `${prefix}/${model.id}`,
    type: "model",
    display_name: model.displayName,
    created_at: model.createdAt ?? UNKNOWN_DATE,
    lifecycle: "active",
    line: null,
    max_input_tokens: model.contextWindow,
    max_tokens: model.maxOutputTokens,
    deprecated_at: null,
    retires_at: null,
    capabilities: null,
  };
}
