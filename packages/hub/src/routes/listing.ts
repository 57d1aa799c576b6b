import { type Context, Hono } from "hono";
import { belongsTo } from "../auth.ts";
import { isOn, numberWithin, setNextPage } from "../http/page-link.ts";
import { type HubContext, repoTypeOf } from "../hub-context.ts";
import { Refusal } from "../refusal.ts";
import { describeRepo, pickFields, type RepoInfo } from "../repo-info.ts";
import type { RepoType } from "../storage/names.ts";
import { askedFields } from "./info.ts";

const sortKeys = [
  "lastModified",
  "createdAt",
  "downloads",
  "likes",
  "likes30d",
  "trendingScore",
  "num_parameters",
  "mainSize",
  "id",
];

const summaryFields = [
  "modelId",
  "private",
  "likes",
  "downloads",
  "trendingScore",
  "tags",
  "pipeline_tag",
  "library_name",
  "createdAt",
];
const fullFields = [
  ...summaryFields,
  "author",
  "gated",
  "disabled",
  "lastModified",
  "sha",
  "siblings",
  "sdk",
];

/** Lists of repositories: search, filter, sort, and pages linked by the Link header. */
export function listingRoutes(hub: HubContext): Hono {
  const app = new Hono();
  app.get("/api/:type{(?:models|datasets|spaces)}", async (c) => {
    const type = repoTypeOf(c);
    const sort = c.req.query("sort") ?? "lastModified";
    if (!sortKeys.includes(sort)) throw new Refusal("invalid", "Invalid sort parameter");
    const limit = numberWithin(c.req.query("limit"), { absent: 1000, least: 1, most: 1000 });

    const found = (await visible(hub, c, type)).filter((info) => isWanted(c, info));
    const ascending = sort === "id" ? c.req.query("direction") !== "-1" : c.req.query("direction") === "1";
    found.sort((a, b) => compare(place(a, sort), place(b, sort)) * (ascending ? 1 : -1));

    const after = readCursor(c.req.query("cursor"));
    const rest = after
      ? found.filter((info) => compare(place(info, sort), after) * (ascending ? 1 : -1) > 0)
      : found;
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    if (last && rest.length > page.length) setNextPage(c, { cursor: writeCursor(place(last, sort)) });
    return c.json(page.map((info) => pickFields(info, fieldsFor(c))));
  });
  return app;
}

async function visible(hub: HubContext, c: Context, type: RepoType): Promise<RepoInfo[]> {
  const caller = await hub.authenticate(c);
  const author = c.req.query("author");
  const infos: RepoInfo[] = [];
  for await (const { repo, state } of hub.repositories.list(type)) {
    if (author !== undefined && repo.namespace.toLowerCase() !== author.toLowerCase()) continue;
    if (state.private && !belongsTo(caller, repo.namespace)) continue;
    const main = state.branches.main;
    if (main !== undefined) infos.push(await describeRepo(repo, state, main));
  }
  return infos;
}

function isWanted(c: Context, info: RepoInfo): boolean {
  const tags = new Set(info.tags.map((tag) => tag.toLowerCase()));
  const filters = (c.req.queries("filter") ?? []).flatMap((filter) => filter.split(","));
  const searches = c.req.queries("search") ?? [];
  const pipeline = c.req.query("pipeline_tag");
  return (
    filters.every((filter) => tags.has(filter.toLowerCase())) &&
    searches.every((search) => info.id.toLowerCase().includes(search.toLowerCase())) &&
    (pipeline === undefined || info.pipeline_tag === pipeline)
  );
}

function fieldsFor(c: Context): readonly string[] {
  const asked = askedFields(c);
  if (asked.length > 0) return asked;
  const card = isOn(c.req.query("cardData")) ? ["cardData"] : [];
  return [...(isOn(c.req.query("full")) ? fullFields : summaryFields), ...card];
}

/** Where an entry stands in the order; the id makes it unique, so that pages neither repeat nor skip. */
type Place = readonly [value: string | number, id: string];

function place(info: RepoInfo, sort: string): Place {
  const value = info[sort];
  return [typeof value === "string" || typeof value === "number" ? value : 0, info.id];
}

function compare([a, aId]: Place, [b, bId]: Place): number {
  if (a !== b) return a < b ? -1 : 1;
  return aId < bId ? -1 : aId > bId ? 1 : 0;
}

function writeCursor(at: Place): string {
  return Buffer.from(JSON.stringify(at)).toString("base64url");
}

function readCursor(cursor: string | undefined): Place | null {
  if (cursor === undefined) return null;
  try {
    const [value, id] = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")) as unknown[];
    if ((typeof value === "string" || typeof value === "number") && typeof id === "string")
      return [value, id];
  } catch {
    // Falls through to the refusal: whatever is wrong with it, it is not a cursor of ours.
  }
  throw new Refusal("invalid", "Invalid cursor");
}
