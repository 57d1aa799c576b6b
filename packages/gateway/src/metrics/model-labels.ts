import type { GatewayLogEntry } from "../create-gateway.ts";

/** More names than this become `other`. */
const MAX_MODELS = 200;

/**
 * Gives the label for a request's model. Names that are configured have their own, and so have names that an engine has
 * answered to, up to a bound; what clients merely write is `other`.
 */
export function modelLabels(
  configured: readonly string[],
): (entry: Pick<GatewayLogEntry, "model" | "engine" | "status">) => string {
  const known = new Set(configured);
  const most = Math.max(MAX_MODELS, known.size);
  return ({ model, engine, status }) => {
    if (model === undefined) return "";
    if (known.has(model)) return model;
    if (engine === undefined || status >= 400 || known.size >= most) return "other";
    known.add(model);
    return model;
  };
}
