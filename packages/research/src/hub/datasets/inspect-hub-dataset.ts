import { WebError } from "../../http/web-error.ts";
import { askHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { fileUrl, type HubRepo, repoApi, repoName, repoPage } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";
import { accessOf, type RepoFields, repoFields } from "../repo-facts.ts";
import { listHubFiles } from "../repositories/list-hub-files.ts";
import { type Told, tryViewer, type ViewerQuestion } from "./ask-viewer.ts";
import { chatFacts, trainingForms } from "./chat-facts.ts";
import { columnFacts } from "./column-facts.ts";
import type { DatasetFacts, TableFacts } from "./dataset-facts.ts";
import { accessNotes, note, splitNotes, unknownNotes } from "./dataset-notes.ts";
import { shortenCell } from "./shorten-cell.ts";
import * as viewer from "./viewer-answers.ts";

export interface DatasetInspection {
  readonly repo: HubRepo;
  /** Which table to look into; by default `default` or the first, and `train` or the first. */
  readonly config?: string;
  readonly split?: string;
  /** Rows to show; by default 3. */
  readonly rows?: number;
  readonly signal: AbortSignal;
}

const PARTIAL =
  "The viewer read only the first part of this large data set: its figures are about that part.";

const DATA = /\.(parquet|csv|tsv|jsonl?|ndjson|arrow|txt|zip|tar|gz|zst)$/i;

/**
 * Everything that a hub and its viewer know of a data set. What they do not know is a note with its reason; a data set that is
 * not there, or that this token may not see at all, is an error, as is a configuration or split that it does not have.
 */
export async function inspectHubDataset(hub: Hub, inspection: DatasetInspection): Promise<DatasetFacts> {
  const { repo, signal } = inspection;
  const fields = await aboutRepo(hub, {
    repo,
    work: async () =>
      (await askHub(hub, repoApi(hub, repo), { schema: repoFields, freshMs: 60_000, signal })).value,
  });
  if (hub.viewerUrl === null) return await withoutViewer(hub, { repo, fields, signal });
  const ask = async <Shape>(
    verb: string,
    schema: Parameters<typeof tryViewer<Shape>>[2]["schema"],
    more: Omit<ViewerQuestion, "dataset"> = {},
  ): Promise<Told<Shape>> =>
    await tryViewer(hub, verb, { question: { dataset: repo.id, ...more }, schema, signal });

  const [validity, splits, sizes, parquet] = await Promise.all([
    ask("is-valid", viewer.validity),
    ask("splits", viewer.splits),
    ask("size", viewer.sizes),
    ask("parquet", viewer.parquetFiles),
  ]);
  const shown = splits.kind === "known" ? choose(splits.value.splits, inspection) : null;
  const can = validity.kind === "known" ? validity.value : { preview: true, viewer: true, statistics: true };
  const none: Told<never> | null = null;
  const [info, first, statistics] =
    shown === null
      ? [none, none, none]
      : await Promise.all([
          can.viewer ? ask("info", viewer.info, { config: shown.config }) : none,
          can.preview ? ask("first-rows", viewer.rows, shown) : none,
          can.statistics === true ? ask("statistics", viewer.statistics, shown) : none,
        ]);

  const rows = known(first)?.rows ?? [];
  const features =
    known(first)?.features ??
    Object.entries(known(info)?.features ?? {}).map(([name, type]) => ({ name, type }));
  // Cells that were cut by the viewer are halves of JSON.
  const chat = chatFacts(
    rows.filter(({ truncated_cells }) => (truncated_cells ?? []).length === 0).map(({ row }) => row),
  );
  const isPartial = [
    known(info)?.isPartial,
    known(sizes)?.isPartial,
    known(parquet)?.isPartial,
    known(statistics)?.partial,
  ];
  return {
    ...aboutIt(hub, repo, fields),
    tables: tablesOf(known(splits)?.splits ?? [], {
      sizes: known(sizes),
      info: known(info),
      config: shown?.config ?? null,
    }),
    shown,
    columns: columnFacts(features, known(statistics)?.statistics ?? []),
    rows: rows.slice(0, inspection.rows ?? 3).map(({ row }) => shortened(row)),
    files: (known(parquet)?.files ?? []).map(({ config, split, filename, url, size }) => ({
      path: `${config}/${split}/${filename}`,
      bytes: size,
      url,
    })),
    chat,
    forms: trainingForms(
      features.map(({ name }) => name),
      chat,
    ),
    notes: [
      ...accessNotes(hub, repo, fields),
      ...(isPartial.includes(true) ? [note("warn", PARTIAL)] : []),
      ...splitNotes(known(splits)),
      ...unknownNotes([splits, sizes, parquet, info, first, statistics], fields),
      ...(validity.kind === "known" && !can.preview && !can.viewer
        ? [note("warn", "The viewer cannot show this data set.", "Download its files and inspect those.")]
        : []),
    ],
  };
}

/** A hub that keeps files and has not looked into them. */
async function withoutViewer(
  hub: Hub,
  {
    repo,
    fields,
    signal,
  }: { readonly repo: HubRepo; readonly fields: RepoFields; readonly signal: AbortSignal },
): Promise<DatasetFacts> {
  const revision = fields.sha ?? "main";
  const files = (await listHubFiles(hub, { repo, revision, signal })).filter(({ path }) => DATA.test(path));
  return {
    ...aboutIt(hub, repo, fields),
    tables: [],
    shown: null,
    columns: [],
    rows: [],
    files: files.map(({ path, size }) => ({
      path,
      bytes: size,
      url: fileUrl(hub, { repo, revision, path }),
    })),
    chat: null,
    forms: [],
    notes: [
      ...accessNotes(hub, repo, fields),
      files.length === 0
        ? note("stop", "The repository has no data files.")
        : note("info", "This hub has no viewer.", "Download its files and inspect the folder."),
    ],
  };
}

function aboutIt(
  hub: Hub,
  repo: HubRepo,
  fields: RepoFields,
): Pick<DatasetFacts, "name" | "url" | "version" | "access" | "description"> {
  const description = fields.description?.replaceAll(/\s+/g, " ").trim() ?? "";
  return {
    name: repo.id,
    url: repoPage(hub, repo),
    version: fields.sha ?? null,
    access: accessOf(fields),
    description: description === "" ? null : description.slice(0, 600),
  };
}

function choose(
  splits: viewer.Splits["splits"],
  { repo, config, split }: DatasetInspection,
): viewer.SplitName | null {
  if (splits.length === 0) return null;
  const configs = [...new Set(splits.map((each) => each.config))];
  const wanted = config ?? (configs.includes("default") ? "default" : configs[0]);
  const inConfig = splits.filter((each) => each.config === wanted);
  if (inConfig.length === 0) throw missing(repo, `configuration ${config}`, configs);
  const names = inConfig.map((each) => each.split);
  const found =
    inConfig.find((each) => each.split === (split ?? "train")) ??
    (split === undefined ? inConfig[0] : undefined);
  if (found === undefined) throw missing(repo, `split ${split} in ${wanted}`, names);
  return { config: found.config, split: found.split };
}

function missing(repo: HubRepo, what: string, names: readonly string[]): WebError {
  const more = names.length > 20 ? ` and ${names.length - 20} more` : "";
  return new WebError("web/not_found", `${repoName(repo)} has no ${what}.`, {
    url: repo.id,
    mend: `It has ${names.slice(0, 20).join(", ")}${more}.`,
  });
}

function tablesOf(
  splits: readonly viewer.SplitName[],
  about: {
    readonly sizes: viewer.Sizes | null;
    readonly info: viewer.Info | null;
    readonly config: string | null;
  },
): readonly TableFacts[] {
  return splits.map(({ config, split }) => {
    const size = about.sizes?.splits.find((each) => each.config === config && each.split === split);
    if (size !== undefined) return { config, split, rows: size.estimate ?? size.rows, bytes: size.bytes };
    const told =
      config === about.config ? about.info?.splits.find((each) => each.split === split) : undefined;
    return { config, split, rows: told?.rows ?? null, bytes: told?.bytes ?? null };
  });
}

function known<Value>(told: Told<Value> | null): Value | null {
  return told?.kind === "known" ? told.value : null;
}

function shortened(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, shortenCell(cell)]));
}
