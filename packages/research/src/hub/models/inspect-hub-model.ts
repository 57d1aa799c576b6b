import { z } from "zod";
import { WebError } from "../../http/web-error.ts";
import { askHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi, repoPage } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";
import { accessOf, type RepoFields, repoFields } from "../repo-facts.ts";
import { readHubFile } from "../repositories/read-hub-file.ts";
import { cardText } from "./card-text.ts";
import { configFacts } from "./config-facts.ts";
import { countParameters } from "./count-parameters.ts";
import type { ModelFacts, Parameters } from "./model-facts.ts";

const CARD = 4_000;
const LARGEST_JSON = 8 * 1024 * 1024;

const more = z.object({
  sha: z.string(),
  siblings: z.array(z.object({ rfilename: z.string(), size: z.number().nullish() })).nullish(),
  safetensors: z
    .object({ parameters: z.record(z.string(), z.number()).nullish(), total: z.number() })
    .nullish()
    .catch(null),
  gguf: z
    .object({
      total: z.number().nullish(),
      architecture: z.string().nullish(),
      context_length: z.number().nullish(),
      chat_template: z.string().nullish(),
    })
    .nullish()
    .catch(null),
  config: z
    .object({
      tokenizer_config: z.object({ chat_template: z.unknown().optional() }).nullish(),
      chat_template_jinja: z.unknown().optional(),
    })
    .nullish()
    .catch(null),
});
const schema = z.intersection(repoFields, more);
type Fields = RepoFields & z.infer<typeof more>;

/** What a hub knows of a model at a revision, with what its configuration and its card say. */
export async function inspectHubModel(
  hub: Hub,
  {
    repo,
    revision = "main",
    signal,
  }: { readonly repo: HubRepo; readonly revision?: string; readonly signal: AbortSignal },
): Promise<ModelFacts> {
  const url = `${repoApi(hub, repo)}/revision/${encodeURIComponent(revision)}`;
  const fields: Fields = await aboutRepo(hub, {
    repo,
    about: revision,
    work: async () =>
      (await askHub(hub, url, { schema, query: [["blobs", "true"]], freshMs: 60_000, signal })).value,
  });
  const commit = fields.sha;
  const paths = new Set((fields.siblings ?? []).map(({ rfilename }) => rfilename));
  const notes: ModelFacts["notes"][number][] = [];
  const read = async (path: string): Promise<string | null> => {
    if (!paths.has(path)) return null;
    try {
      return (await readHubFile(hub, { repo, path, revision: commit, maxBytes: LARGEST_JSON, signal })).text;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof WebError)) throw error;
      if (!notes.some(({ text }) => text === error.message))
        notes.push({ text: error.message, mend: error.mend });
      return null;
    }
  };
  const configFile = paths.has("config.json") ? "config.json" : "adapter_config.json";
  const [config, card, hasChatTemplate, parameters] = await Promise.all([
    read(configFile),
    read("README.md"),
    chatTemplate(fields, paths, read),
    parametersOf(hub, { repo, fields, paths, signal }),
  ]);
  const parsed = config === null ? null : parseJson(config);
  if (config !== null && parsed === null) notes.push({ text: `${configFile} is no whole JSON.`, mend: null });
  const facts = parsed === null ? null : configFacts(parsed);
  const { gguf } = fields;
  const access = accessOf(fields);
  if (access.licence === null)
    notes.push({ text: "No licence is stated.", mend: "Ask its owner, or use another one." });
  return {
    name: repo.id,
    url: repoPage(hub, repo),
    commit,
    access,
    task: fields.pipeline_tag ?? null,
    library: fields.library_name ?? null,
    baseModels: baseModelsOf(fields, facts?.adapter?.base ?? null),
    downloads: fields.downloads ?? null,
    likes: fields.likes ?? null,
    parameters,
    config:
      facts === null && gguf != null
        ? { ...NOTHING, architecture: gguf.architecture ?? null, contextLength: gguf.context_length ?? null }
        : facts,
    hasChatTemplate,
    files: (fields.siblings ?? []).map(({ rfilename, size }) => ({ path: rfilename, bytes: size ?? null })),
    card: card === null ? null : cardText(card, CARD),
    notes,
  };
}

const NOTHING = {
  hiddenSize: null,
  layers: null,
  heads: null,
  vocabulary: null,
  dtype: null,
  quantization: null,
  adapter: null,
};

async function chatTemplate(
  { gguf, config }: Fields,
  paths: ReadonlySet<string>,
  read: (path: string) => Promise<string | null>,
): Promise<boolean | null> {
  if (paths.has("chat_template.jinja") || paths.has("chat_template.json")) return true;
  const told = config?.tokenizer_config?.chat_template ?? config?.chat_template_jinja ?? gguf?.chat_template;
  if (told !== undefined && told !== null) return true;
  if (!paths.has("tokenizer_config.json")) return false;
  const text = await read("tokenizer_config.json");
  const tokenizer = z
    .object({ chat_template: z.unknown().optional() })
    .safeParse(text === null ? null : parseJson(text));
  return tokenizer.success ? tokenizer.data.chat_template != null : null;
}

async function parametersOf(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly fields: Fields;
    readonly paths: ReadonlySet<string>;
    readonly signal: AbortSignal;
  },
): Promise<Parameters | null> {
  const { repo, fields, paths, signal } = options;
  const { safetensors, gguf, sha } = fields;
  if (safetensors != null) return { total: safetensors.total, byType: safetensors.parameters ?? {} };
  if (gguf?.total != null) return { total: gguf.total, byType: {} };
  if (![...paths].some((path) => path.endsWith(".safetensors"))) return null;
  return await countParameters(hub, { repo, commit: sha, signal });
}

function baseModelsOf({ cardData, tags }: Fields, adapterOf: string | null): readonly string[] {
  const written = [cardData?.base_model ?? []].flat();
  const tagged = (tags ?? []).flatMap((tag) => /^base_model:([^:]+)$/.exec(tag)?.[1] ?? []);
  return [...new Set([...written, ...tagged, ...(adapterOf === null ? [] : [adapterOf])])];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // said in a note
  }
}
