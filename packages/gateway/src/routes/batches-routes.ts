import type { Context, Handler } from "hono";
import { Hono } from "hono";
import type { Batches } from "../batches/batches.ts";
import { checkItems } from "../batches/check-items.ts";
import { readBody } from "../validation/read-body.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { pageOf } from "./page-of.ts";

const MAX_BODY_BYTES = 256 * 1024 * 1024;
/** What decides how the requests of a batch are read. */
const KEPT_HEADERS = ["anthropic-version", "anthropic-beta"];

/** The routes under `/v1/messages/batches`. */
export function batchesRoutes(batches: Batches): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();
  const idOf = (context: Context<GatewayEnv>): string => context.req.param("id") ?? "";

  routes.post("/", async (context) => {
    const body = await readBody(context.req.raw, { maxBytes: MAX_BODY_BYTES });
    const items = checkItems(body);
    const { workspace, key } = context.var;
    return context.json(await batches.create(items, { workspace, key, headers: keptHeaders(context) }));
  });
  routes.get("/", (context) =>
    context.json(pageOf(batches.list(context.var.workspace), context.req.query())),
  );
  routes.get("/:id", (context) => context.json(batches.get(idOf(context), context.var.workspace)));
  routes.post("/:id/cancel", async (context) =>
    context.json(await batches.cancel(idOf(context), context.var.workspace)),
  );
  routes.get("/:id/results", resultsRoute(batches));
  routes.delete("/:id", async (context) => {
    const id = idOf(context);
    await batches.delete(id, context.var.workspace);
    return context.json({ id, type: "message_batch_deleted" });
  });
  return routes;
}

function resultsRoute(batches: Batches): Handler<GatewayEnv> {
  return (context) =>
    new Response(batches.results(context.req.param("id") ?? "", context.var.workspace), {
      headers: { "content-type": "application/x-jsonl" },
    });
}

function keptHeaders(context: Context<GatewayEnv>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = context.req.header(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
