import { z } from "zod";
import { askHub } from "../ask-hub.ts";
import type { Hub } from "../hub.ts";
import { type HubRepo, repoApi } from "../hub-repo.ts";
import { aboutRepo } from "../repo-error.ts";
import { authorName, type Discussion, discussion } from "./discussion.ts";

export interface DiscussionDetails extends Discussion {
  /** What was said and done, the oldest first. */
  readonly events: readonly { readonly author: string | null; readonly at: string; readonly text: string }[];
  /** Of a pull request: what it changes. */
  readonly diff: string | null;
  readonly conflicts: readonly string[];
}

const happened = z.object({
  type: z.string(),
  createdAt: z.string(),
  author: authorName,
  data: z
    .object({
      hidden: z.boolean().nullish(),
      latest: z.object({ raw: z.string().nullish() }).nullish(),
      status: z.string().nullish(),
      subject: z.string().nullish(),
      oid: z.string().nullish(),
      from: z.string().nullish(),
      to: z.string().nullish(),
    })
    .nullish(),
});

const details = z.object({
  events: z.array(happened),
  diff: z.string().nullish(),
  filesWithConflicts: z.union([z.array(z.string()), z.boolean()]).nullish(),
});

const schema = z.intersection(discussion, details);

/** One discussion with all that happened in it; of a pull request also what it changes. */
export async function readHubDiscussion(
  hub: Hub,
  { repo, number, signal }: { readonly repo: HubRepo; readonly number: number; readonly signal: AbortSignal },
): Promise<DiscussionDetails> {
  const url = `${repoApi(hub, repo)}/discussions/${number}`;
  const work = async (): Promise<DiscussionDetails> => {
    const { value } = await askHub(hub, url, { schema, query: [["diff", "1"]], freshMs: 0, signal });
    const { events, diff, filesWithConflicts, ...told } = value;
    return {
      ...told,
      events: events.map((event) => ({ author: event.author, at: event.createdAt, text: describe(event) })),
      diff: diff ?? null,
      conflicts: Array.isArray(filesWithConflicts) ? filesWithConflicts : [],
    };
  };
  return await aboutRepo(hub, { repo, work });
}

function describe({ type, data }: z.infer<typeof happened>): string {
  switch (type) {
    case "comment":
      return data?.hidden === true ? "(a hidden comment)" : (data?.latest?.raw ?? "");
    case "status-change":
      return `status: ${data?.status ?? "?"}`;
    case "title-change":
      return `title: ${data?.from ?? "?"} -> ${data?.to ?? "?"}`;
    case "commit":
      return `commit ${data?.oid?.slice(0, 8) ?? "?"}: ${data?.subject ?? ""}`;
    default:
      return type;
  }
}
