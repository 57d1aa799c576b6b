import { Hono } from "hono";
import {
  type CacheScope,
  type HeldPrompts,
  isInScope,
  type PromptHolder,
  takeOut,
} from "../cache/held-prompts.ts";
import { GatewayError, invalidRequest } from "../gateway-error.ts";
import type { GatewayEnv } from "./gateway-env.ts";

/**
 * `GET /cache` says what is remembered of prompts, `DELETE /cache` forgets it; `?workspace=` and `?model=` narrow both
 * down. An administrator sees all, everybody else the own workspace.
 */
export function cacheRoutes(prompts: PromptHolder): Hono<GatewayEnv> {
  const routes = new Hono<GatewayEnv>();
  routes.get("/", async (context) => {
    const scope = scopeOf(context.req.query(), context.var);
    const held = (await prompts.held()).filter((row) => isInScope(row, scope));
    return context.json({ prompts: held.map(onWire) });
  });
  routes.delete("/", async (context) => {
    const cleared = await takeOut(prompts, scopeOf(context.req.query(), context.var));
    return context.json({ cleared: cleared.map(onWire) });
  });
  return routes;
}

function scopeOf(
  query: Readonly<Record<string, string>>,
  { workspace: own, isAdmin }: Pick<GatewayEnv["Variables"], "workspace" | "isAdmin">,
): CacheScope {
  const { workspace, model, ...others } = query;
  const [unknown] = Object.keys(others);
  // A slip must not clear more than was meant.
  if (unknown !== undefined)
    throw invalidRequest(`${unknown}: Unknown parameter; known are workspace, model`);
  if (!isAdmin && workspace !== undefined && workspace !== own) throw notYours(own);
  const meant = isAdmin ? workspace : own;
  return {
    ...(meant === undefined ? {} : { workspace: meant }),
    ...(model === undefined ? {} : { model }),
  };
}

function notYours(own: string): GatewayError {
  return new GatewayError("The key does not belong to the workspace whose prompts these are", {
    code: "wrong_workspace",
    status: 403,
    type: "permission_error",
    mend: `Leave the parameter out for ${own}, or use a key that is set \`admin: true\`.`,
  });
}

function onWire({ workspace, model, entries, tokens, memoryBytes, diskBytes }: HeldPrompts): object {
  return { workspace, model, entries, tokens, memory_bytes: memoryBytes, disk_bytes: diskBytes };
}
