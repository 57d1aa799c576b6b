import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { modelNotFound } from "../../../gateway-error.ts";
import type { LlamaModelOptions, ModelSettings } from "../llama-engine-options.ts";

export interface ModelCatalogOptions {
  readonly models: Readonly<Record<string, LlamaModelOptions>>;
  readonly modelsFolder: string | null;
  /** For models that say nothing of their own. */
  readonly defaults: ModelSettings;
  /** The prefix of model names, for messages. */
  readonly prefix: string;
}

/** Which models there are, by name. A request can name none that is not listed: paths come from the configuration only. */
export interface ModelCatalog {
  /** Throws `model_not_found`, naming some that exist. */
  find(name: string): Promise<LlamaModelOptions>;
  names(): Promise<readonly string[]>;
}

const ENDING = ".gguf";
/** The first part of a model in several files goes by the name of the whole. */
const FIRST_PART = /-00001-of-\d{5}$/;
const LATER_PART = /-\d{5}-of-\d{5}$/;
const NAMES_IN_MESSAGE = 20;

export function modelCatalog({ models, modelsFolder, defaults, prefix }: ModelCatalogOptions): ModelCatalog {
  /** Names and files in the folder; what is configured goes first. */
  async function inFolder(): Promise<ReadonlyMap<string, string>> {
    if (modelsFolder === null) return new Map();
    const entries = await readdir(modelsFolder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const found = new Map<string, string>();
    for (const entry of entries.filter((each) => each.endsWith(ENDING)).sort()) {
      const name = entry.slice(0, -ENDING.length).replace(FIRST_PART, "");
      if (!LATER_PART.test(name)) found.set(name, join(modelsFolder, entry));
    }
    return found;
  }

  async function names(): Promise<readonly string[]> {
    return [...new Set([...Object.keys(models), ...(await inFolder()).keys()])];
  }

  return {
    names,
    async find(name) {
      const configured = Object.hasOwn(models, name) ? models[name] : undefined;
      if (configured) return { ...defaults, ...configured };
      const path = (await inFolder()).get(name);
      if (path !== undefined) return { ...defaults, path };
      const known = (await names()).slice(0, NAMES_IN_MESSAGE).map((each) => `\`${prefix}/${each}\``);
      const place = modelsFolder === null ? "configure one" : `put a GGUF file into ${modelsFolder}`;
      const offer = known.length > 0 ? `There are ${known.join(", ")}.` : `There is none yet: ${place}.`;
      throw modelNotFound(`${prefix}/${name}`, offer);
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
