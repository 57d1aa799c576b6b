import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as z from "zod";
import { Refusal } from "../refusal.ts";
import { ensureFolder } from "./durable-file.ts";
import type { Repository } from "./repository.ts";
import { readNewest, writeVersion } from "./versioned-document.ts";

type Happened =
  | {
      readonly type: "comment";
      readonly text: string;
      readonly edited: boolean;
      readonly hidden: boolean;
      readonly updated_at: string;
    }
  | { readonly type: "status-change"; readonly status: string }
  | { readonly type: "title-change"; readonly from: string; readonly to: string };

/** Something that happened in a discussion. A pull request's commits are read from its history instead. */
export type ThreadEvent = Happened & {
  readonly id: string;
  readonly author: string;
  readonly created_at: string;
};

const common = { id: z.string(), author: z.string(), created_at: z.string() };
const schema: z.ZodType<ThreadEvent[]> = z.array(
  z.discriminatedUnion("type", [
    z.object({
      ...common,
      type: z.literal("comment"),
      text: z.string(),
      edited: z.boolean(),
      hidden: z.boolean(),
      updated_at: z.string(),
    }),
    z.object({ ...common, type: z.literal("status-change"), status: z.string() }),
    z.object({ ...common, type: z.literal("title-change"), from: z.string(), to: z.string() }),
  ]),
);

function folderOf(repo: Repository, number: number): string {
  return join(repo.folder, "discussions", String(number));
}

/** What was said in a discussion, oldest first. */
export async function readThread(repo: Repository, number: number): Promise<readonly ThreadEvent[]> {
  const document = await readNewest(folderOf(repo, number));
  return document ? schema.parse(document.value) : [];
}

/** Changes a thread, again from the start if another writer was first. */
async function changeThread(
  repo: Repository,
  number: number,
  change: (thread: readonly ThreadEvent[]) => readonly ThreadEvent[],
): Promise<void> {
  const folder = folderOf(repo, number);
  await ensureFolder(folder);
  for (;;) {
    const current = await readNewest(folder);
    const value = change(current ? schema.parse(current.value) : []);
    const next = { version: (current?.version ?? 0) + 1, value, temporary: join(repo.folder, "uploads") };
    if (await writeVersion(folder, next)) return;
  }
}

export interface Occasion {
  readonly author: string;
  readonly now: Date;
}

async function append(
  repo: Repository,
  number: number,
  { author, now, ...happened }: Occasion & Happened,
): Promise<ThreadEvent> {
  const event: ThreadEvent = {
    id: randomBytes(12).toString("hex"),
    author,
    created_at: now.toISOString(),
    ...happened,
  };
  await changeThread(repo, number, (thread) => [...thread, event]);
  return event;
}

export function addComment(
  repo: Repository,
  number: number,
  { text, ...occasion }: Occasion & { text: string },
): Promise<ThreadEvent> {
  const updated_at = occasion.now.toISOString();
  return append(repo, number, {
    ...occasion,
    type: "comment",
    text,
    edited: false,
    hidden: false,
    updated_at,
  });
}

export function addStatusChange(
  repo: Repository,
  number: number,
  { status, ...occasion }: Occasion & { status: string },
): Promise<ThreadEvent> {
  return append(repo, number, { ...occasion, type: "status-change", status });
}

export function addTitleChange(
  repo: Repository,
  number: number,
  { from, to, ...occasion }: Occasion & { from: string; to: string },
): Promise<ThreadEvent> {
  return append(repo, number, { ...occasion, type: "title-change", from, to });
}

/** Gives a comment a new text, or hides it for good when `text` is null. */
export async function editComment(
  repo: Repository,
  number: number,
  { id, text, now }: { id: string; text: string | null; now: Date },
): Promise<ThreadEvent> {
  let changed: ThreadEvent | null = null;
  await changeThread(repo, number, (thread) =>
    thread.map((event) => {
      if (event.id !== id || event.type !== "comment") return event;
      if (event.hidden) throw new Refusal("invalid", "A hidden comment cannot be changed");
      changed = {
        ...event,
        text: text ?? "",
        edited: text !== null,
        hidden: text === null,
        updated_at: now.toISOString(),
      };
      return changed;
    }),
  );
  if (!changed) throw new Refusal("not_found", `Discussion ${number} has no comment ${id}`);
  return changed;
}
