import type { Handler } from "hono";
import type { Engine, EngineModel } from "../engines/engine.ts";
import { modelNotFound } from "../gateway-error.ts";
import type { ModelNames, ResolveModels } from "../pipeline/resolve-models.ts";
import { clientController } from "../streaming/client-controller.ts";
import { within } from "../streaming/within.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { pageOf } from "./page-of.ts";

/** A model as the API describes it. */
interface ModelInfo {
  readonly id: string;
  readonly type: "model";
  readonly display_name: string;
  readonly created_at: string;
  readonly lifecycle: string;
  readonly line: null;
  readonly max_input_tokens: number | null;
  readonly max_tokens: number | null;
  readonly deprecated_at: null;
  readonly retires_at: null;
  readonly capabilities: null;
}

/** The API's own convention for a date that nobody knows. */
const UNKNOWN_DATE = "1970-01-01T00:00:00Z";
/** Claude Code gives up on the list after 3 s. */
const LIST_MS = 2_000;
const LISTED = "GET /v1/models lists what there is.";

export interface ModelsRouteOptions {
  readonly names: ModelNames;
  readonly resolveModels: ResolveModels;
}

/**
 * `GET /v1/models`: aliases without a `*` first, then what the engines list, newest first, in pages. An engine that cannot
 * be reached is left out, and so is an alias whose first model nobody lists.
 */
export function modelsRoute({ names, resolveModels }: ModelsRouteOptions): Handler<GatewayEnv> {
  return async (context) => {
    const query = context.req.query();
    const { lifecycle } = query;
    const listed = await listModels(names, clientController(context.req.raw).signal);
    const known = [...aliases(listed, { names, resolveModels }), ...listed];
    const all = lifecycle === undefined ? known : known.filter((model) => model.lifecycle === lifecycle);
    return context.json(pageOf(all, query));
  };
}

/** `GET /v1/models/{id}`, where the id may hold slashes. The id may be any name that a request may use. */
export function modelRoute({
  resolveModels,
}: Pick<ModelsRouteOptions, "resolveModels">): Handler<GatewayEnv> {
  return async (context) => {
    const id = context.req.param("id") ?? "";
    const [first] = resolveModels(id);
    if (!first) throw modelNotFound(id, LISTED);
    const models = await first.engine.listModels({ signal: clientController(context.req.raw).signal });
    const model = models.find((each) => each.id === first.name);
    if (!model) throw modelNotFound(id, LISTED);
    return context.json(modelInfo(id, model));
  };
}

async function listModels({ engines }: ModelNames, signal: AbortSignal): Promise<readonly ModelInfo[]> {
  const lists = await Promise.allSettled(
    Object.entries(engines).map(async ([prefix, engine]) =>
      (await modelsOf(engine, signal)).map((model) => modelInfo(`${prefix}/${model.id}`, model)),
    ),
  );
  return lists
    .flatMap((list) => (list.status === "fulfilled" ? list.value : []))
    .sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
}

/** None when the engine takes too long: a client that looks for models must not wait for one endpoint that is down. */
async function modelsOf(engine: Engine, signal: AbortSignal): Promise<readonly EngineModel[]> {
  const controller = new AbortController();
  const listing = engine.listModels({ signal: AbortSignal.any([signal, controller.signal]) });
  const listed = await within(listing, LIST_MS);
  if (!listed) controller.abort(new DOMException("The list took too long", "TimeoutError"));
  return listed?.value ?? [];
}

/** Each alias as the model that answers to it first. */
function aliases(
  listed: readonly ModelInfo[],
  { names: { models = {} }, resolveModels }: ModelsRouteOptions,
): readonly ModelInfo[] {
  return Object.keys(models).flatMap((alias) => {
    const first = alias.endsWith("*") ? undefined : resolveModels(alias)[0]?.fullName;
    const model = listed.find(({ id }) => id === first);
    return model ? [{ ...model, id: alias }] : [];
  });
}

function modelInfo(id: string, model: EngineModel): ModelInfo {
  return {
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
    ...model.asListed,
    id,
  };
}
