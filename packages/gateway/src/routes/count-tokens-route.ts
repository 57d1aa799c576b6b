import type { Handler } from "hono";
import { clientController } from "../streaming/client-controller.ts";
import { readBody } from "../validation/read-body.ts";
import { validateCount } from "../validation/validate-request.ts";
import type { GatewayEnv } from "./gateway-env.ts";
import { MAX_BODY_BYTES, type MessagesRouteOptions } from "./messages-route.ts";
import { resolveEngine } from "./resolve-engine.ts";

/** `POST /v1/messages/count_tokens`. */
export function countTokensRoute(
  options: Pick<MessagesRouteOptions, "engines" | "resolveModel" | "defaultModel">,
): Handler<GatewayEnv> {
  return async (context) => {
    const { headers } = context.req.raw;
    const { signal } = clientController(context.req.raw);
    const request = validateCount(await readBody(context.req.raw, { maxBytes: MAX_BODY_BYTES }), headers);
    context.var.notes.model = request.model;
    const { engine, name } = resolveEngine(request.model, options);
    const tokens = await engine.countTokens(
      { ...request, model: name },
      { signal, headers, workspace: context.var.workspace },
    );
    return context.json({ input_tokens: tokens });
  };
}
