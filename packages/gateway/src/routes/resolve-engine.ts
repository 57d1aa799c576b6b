import type { GatewayOptions } from "../create-gateway.ts";
import type { Engine } from "../engines/engine.ts";
import { modelNotFound } from "../gateway-error.ts";

export interface ResolvedModel {
  readonly engine: Engine;
  /** The model's name at the engine. */
  readonly name: string;
}

/** Finds the engine for a model name. Throws `model_not_found`, saying what would work. */
export function resolveEngine(
  model: string,
  { engines, resolveModel, defaultModel }: Pick<GatewayOptions, "engines" | "resolveModel" | "defaultModel">,
): ResolvedModel {
  const full = resolveModel?.(model) ?? (model === "default" ? (defaultModel ?? model) : model);
  const slash = full.indexOf("/");
  const prefix = full.slice(0, slash);
  const name = full.slice(slash + 1);
  const engine = slash > 0 && Object.hasOwn(engines, prefix) ? engines[prefix] : undefined;
  if (engine && name !== "") return { engine, name };
  const forms = Object.keys(engines).map((key) => `\`${key}/<name>\``);
  const offer = forms.length > 0 ? `Models here are named ${forms.join(", ")}` : "No engine is configured";
  throw modelNotFound(model, `${offer}; GET /v1/models lists them.`);
}
