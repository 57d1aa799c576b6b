import type { Engine } from "../engines/engine.ts";
import { type GatewayError, modelNotFound } from "../gateway-error.ts";

/** An engine that may answer, and the model to ask it for. */
export interface Candidate {
  readonly engine: Engine;
  /** The model's name at the engine. */
  readonly name: string;
  /** `engine/name`. */
  readonly fullName: string;
}

export interface ModelNames {
  /** By the prefix that model names carry: `engine/name`. */
  readonly engines: Readonly<Record<string, Engine>>;
  /**
   * Other names of models, each with the `engine/name`s that answer to it in the order of preference. A name may end in
   * `*`, which stands for any rest; a `*` at the end of an `engine/name` stands for the same rest.
   */
  readonly models?: Readonly<Record<string, readonly string[]>>;
}

/** The candidates for a model name, most wanted first; none when nothing answers to it. */
export type ResolveModels = (model: string) => readonly Candidate[];

/**
 * How model names are understood: an alias first, then `engine/name`, then the alias with the longest beginning before
 * its `*`. Throws when an alias leads nowhere.
 */
export function modelResolver({ engines, models = {} }: ModelNames): ResolveModels {
  const exact = new Map<string, readonly string[]>();
  const patterns: { readonly beginning: string; readonly targets: readonly string[] }[] = [];
  for (const [alias, targets] of Object.entries(models)) {
    checkTargets(alias, targets);
    if (alias.endsWith("*")) patterns.push({ beginning: alias.slice(0, -1), targets });
    else exact.set(alias, targets);
  }
  patterns.sort((a, b) => b.beginning.length - a.beginning.length);

  function candidate(fullName: string): Candidate | null {
    const slash = fullName.indexOf("/");
    const prefix = fullName.slice(0, slash);
    const name = fullName.slice(slash + 1);
    const engine = slash > 0 && Object.hasOwn(engines, prefix) ? engines[prefix] : undefined;
    return engine && name !== "" ? { engine, name, fullName } : null;
  }

  function checkTargets(alias: string, targets: readonly string[]): void {
    if (targets.length === 0) throw new Error(`The model name ${alias} stands for no model`);
    for (const target of targets) {
      if (candidate(target) && (alias.endsWith("*") || !target.endsWith("*"))) continue;
      const known = Object.keys(engines).join(", ");
      throw new Error(
        `The model name ${alias} stands for ${target}, which is no engine/name; engines are: ${known}`,
      );
    }
  }

  return (model) => {
    const aliased = exact.get(model);
    if (aliased) return aliased.flatMap((target) => candidate(target) ?? []);
    const own = candidate(model);
    if (own) return [own];
    const pattern = patterns.find(({ beginning }) => model.startsWith(beginning));
    if (!pattern) return [];
    const rest = model.slice(pattern.beginning.length);
    return pattern.targets.flatMap(
      (target) => candidate(target.endsWith("*") ? target.slice(0, -1) + rest : target) ?? [],
    );
  };
}

/** A name that nothing answers to; says what would work. */
export function unknownModel(model: string, { engines, models = {} }: ModelNames): GatewayError {
  const forms = [...Object.keys(engines).map((prefix) => `${prefix}/<name>`), ...Object.keys(models)];
  const offer =
    forms.length > 0
      ? `Models here are named ${forms.map((form) => `\`${form}\``).join(", ")}`
      : "No engine is configured";
  return modelNotFound(model, `${offer}; GET /v1/models lists them.`);
}
