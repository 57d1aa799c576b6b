import { type Context, Hono } from "hono";
import * as z from "zod";
import { type Caller, requireCaller, requireWriter } from "../auth.ts";
import { describeDiscussion, describeDiscussionDetails, describeEvent } from "../discussion-info.ts";
import { numberWithin } from "../http/page-link.ts";
import { readJson } from "../http/read-json.ts";
import { authorOf, type HubContext, openRepo, originOf, repoNameOf, webPath } from "../hub-context.ts";
import { Refusal } from "../refusal.ts";
import { withDiscussion } from "../storage/add-commit.ts";
import {
  addComment,
  addStatusChange,
  addTitleChange,
  editComment,
  type Occasion,
  readThread,
} from "../storage/discussion-thread.ts";
import { mergePullRequest } from "../storage/merge.ts";
import { type Discussion, nextDiscussionNumber, type RepoState } from "../storage/repo-state.ts";
import type { Repository } from "../storage/repository.ts";

const text = z.string().trim().min(1).max(65_536);
const title = z.string().trim().min(3).max(200);
const createBody = z.object({
  title,
  description: z.string().max(65_536).nullish(),
  pullRequest: z.boolean().nullish(),
});
const commentBody = z.object({ comment: text });
const editBody = z.object({ content: text });
const titleBody = z.object({ title });
const statusBody = z.object({ status: z.enum(["open", "closed"]), comment: z.string().nullish() });
const mergeBody = z.object({ comment: z.string().nullish() }).nullish();

const pageSize = 50;

interface Opened {
  readonly repo: Repository;
  readonly state: RepoState;
  readonly caller: Caller;
  readonly number: number;
  readonly discussion: Discussion;
  readonly occasion: Occasion;
}

/** Discussions and pull requests, which share one sequence of numbers. */
export function discussionRoutes(hub: HubContext): Hono {
  const app = new Hono();
  const base = "/api/:type{(?:models|datasets|spaces)}/:namespace/:name/discussions";
  const one = `${base}/:number{[0-9]+}`;

  app.get(base, async (c) => {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "see");
    const { type, status, author } = c.req.query();
    const found = Object.entries(state.discussions)
      .filter(
        ([, { pull }]) =>
          type === undefined || type === "all" || (type === "pull_request") === (pull !== null),
      )
      .filter(([, { status: is }]) => {
        if (status === undefined || status === "all") return true;
        return (status === "open") === (is === "open" || is === "draft");
      })
      .filter(([, { author: by }]) => author === undefined || by === author)
      .sort(([a], [b]) => Number(b) - Number(a));
    const start = numberWithin(c.req.query("p"), { absent: 0, least: 0, most: 999_999 }) * pageSize;
    const page = found.slice(start, start + pageSize);
    const discussions = page.map(([number, discussion]) =>
      describeDiscussion(repo, Number(number), discussion),
    );
    return c.json({ count: found.length, start, discussions });
  });

  app.post(base, async (c) => {
    const { repo, caller } = await openRepo(hub, c, repoNameOf(c), "see");
    const body = createBody.parse(await readJson(c));
    // Anyone who sees a repository may discuss it; a pull request is a place to write to.
    const author = body.pullRequest ? requireWriter(caller, repo.namespace) : requireCaller(caller);
    const occasion = { author: author.user, now: hub.now() };
    const number = await openDiscussion(repo, { ...body, occasion });
    if (body.description) await addComment(repo, number, { ...occasion, text: body.description });
    const url = `${originOf(c)}/${webPath(repo)}/discussions/${number}`;
    return c.json({ num: number, pullRequest: body.pullRequest === true, url });
  });

  app.get(one, async (c) => {
    const { repo, state } = await openRepo(hub, c, repoNameOf(c), "see");
    const number = Number(c.req.param("number"));
    const discussion = find(state, number);
    const diff = c.req.query("diff") === "1";
    return c.json(await describeDiscussionDetails(repo, state, { number, discussion, diff }));
  });

  app.post(`${one}/comment`, async (c) => {
    const { repo, number, occasion } = await openForCaller(hub, c);
    const { comment } = commentBody.parse(await readJson(c));
    return c.json({
      newMessage: describeEvent(await addComment(repo, number, { ...occasion, text: comment })),
    });
  });

  app.post(`${one}/comment/:id/:change{(?:edit|hide)}`, async (c) => {
    const { repo, number, caller } = await openForCaller(hub, c);
    const id = c.req.param("id");
    const mine = (await readThread(repo, number)).find((event) => event.id === id)?.author === caller.user;
    if (!mine) requireWriter(caller, repo.namespace);
    const content = c.req.param("change") === "edit" ? editBody.parse(await readJson(c)).content : null;
    const updated = await editComment(repo, number, { id, text: content, now: hub.now() });
    return c.json({ updatedComment: describeEvent(updated) });
  });

  app.post(`${one}/title`, async (c) => {
    const { repo, number, discussion, occasion } = await openForAuthor(hub, c);
    const { title: to } = titleBody.parse(await readJson(c));
    await change(repo, number, (old) => ({ ...old, title: to }));
    const event = await addTitleChange(repo, number, { ...occasion, from: discussion.title, to });
    return c.json({ newTitle: describeEvent(event) });
  });

  app.post(`${one}/status`, async (c) => {
    const { repo, number, occasion } = await openForAuthor(hub, c);
    const { status, comment } = statusBody.parse(await readJson(c));
    await change(repo, number, (old) => {
      if (old.status === "merged") throw new Refusal("invalid", `Pull request ${number} is merged`);
      return { ...old, status };
    });
    if (comment?.trim()) await addComment(repo, number, { ...occasion, text: comment });
    return c.json({ newStatus: describeEvent(await addStatusChange(repo, number, { ...occasion, status })) });
  });

  app.post(`${one}/merge`, async (c) => {
    const { repo, number, caller, occasion } = await openForCaller(hub, c);
    requireWriter(caller, repo.namespace);
    const body = mergeBody.parse(c.req.header("Content-Type") ? await readJson(c) : null);
    const { oid } = await mergePullRequest(repo, { number, now: hub.now(), mergedBy: authorOf(caller) });
    if (body?.comment?.trim()) await addComment(repo, number, { ...occasion, text: body.comment });
    const event = await addStatusChange(repo, number, { ...occasion, status: "merged" });
    return c.json({ newStatus: describeEvent(event), commitOid: oid });
  });

  return app;
}

async function openForCaller(hub: HubContext, c: Context): Promise<Opened> {
  const { repo, state, caller } = await openRepo(hub, c, repoNameOf(c), "see");
  const known = requireCaller(caller);
  const number = Number(c.req.param("number"));
  const occasion = { author: known.user, now: hub.now() };
  return { repo, state, caller: known, number, discussion: find(state, number), occasion };
}

/** Who opened a discussion may change it, and who may write to the repository. */
async function openForAuthor(hub: HubContext, c: Context): Promise<Opened> {
  const opened = await openForCaller(hub, c);
  if (opened.discussion.author !== opened.caller.user) requireWriter(opened.caller, opened.repo.namespace);
  return opened;
}

function find(state: RepoState, number: number): Discussion {
  const discussion = state.discussions[String(number)];
  if (!discussion) throw new Refusal("not_found", `There is no discussion ${number}`);
  return discussion;
}

function change(repo: Repository, number: number, next: (old: Discussion) => Discussion): Promise<void> {
  return repo.update(async (state) => ({
    state: withDiscussion(state, number, next(find(state, number))),
    result: undefined,
  }));
}

function openDiscussion(
  repo: Repository,
  request: { title: string; pullRequest?: boolean | null | undefined; occasion: Occasion },
): Promise<number> {
  return repo.update(async (state) => {
    const number = nextDiscussionNumber(state);
    const main = state.branches.main ?? "";
    const discussion: Discussion = {
      title: request.title,
      // As on the real hub: a pull request without a commit yet is a draft.
      status: request.pullRequest ? "draft" : "open",
      author: request.occasion.author,
      created_at: request.occasion.now.toISOString(),
      pull: request.pullRequest ? { base: "main", head: main, merge_base: main, merged_as: null } : null,
    };
    return { state: withDiscussion(state, number, discussion), result: number };
  });
}
