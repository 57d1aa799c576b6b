import { z } from "zod";
import { defineTool, type Tool } from "../../tools/define-tool.ts";
import { type Library, openLibrary, type WhichHub } from "../library.ts";
import { hubSchema } from "./which-hub.ts";

const text = z.string().min(1).max(10_000);
const number = z.int().min(1);
const branch = z.string().min(1).max(200);

/** What to do to a repository. */
export type Change =
  | { readonly operation: "create_repo"; readonly is_public: boolean }
  | ({ readonly operation: "upload"; readonly files: readonly Upload[] } & CommitTo)
  | ({ readonly operation: "delete_files"; readonly patterns: readonly string[] } & CommitTo)
  | { readonly operation: "create_branch"; readonly branch: string; readonly from?: string | undefined }
  | { readonly operation: "delete_branch"; readonly branch: string }
  | {
      readonly operation: "create_tag";
      readonly tag: string;
      readonly revision: string;
      readonly message?: string | undefined;
    }
  | { readonly operation: "delete_tag"; readonly tag: string }
  | {
      readonly operation: "open_discussion";
      readonly title: string;
      readonly description: string;
      readonly as_pull_request: boolean;
    }
  | { readonly operation: "comment"; readonly number: number; readonly comment: string }
  | {
      readonly operation: "set_status";
      readonly number: number;
      readonly status: "open" | "closed";
      readonly comment?: string | undefined;
    }
  | { readonly operation: "merge"; readonly number: number; readonly comment?: string | undefined };

/** A file of the workspace, and its path in the repository. */
interface Upload {
  readonly from: string;
  readonly to: string;
}

export interface CommitTo {
  readonly title: string;
  readonly branch: string;
  readonly as_pull_request: boolean;
}

export interface HubChange {
  readonly kind: "model" | "dataset" | "space";
  readonly id: string;
  readonly change: Change;
  readonly hub: WhichHub;
}

const change: z.ZodType<Change> = z.discriminatedUnion("operation", [
  z.strictObject({ operation: z.literal("create_repo"), is_public: z.boolean().default(false) }),
  z.strictObject({
    operation: z.literal("upload"),
    files: z
      .array(z.strictObject({ from: z.string().min(1), to: z.string().min(1) }))
      .min(1)
      .max(100)
      .describe("from: a file of the workspace; to: its path in the repository"),
    title: text,
    branch: branch.default("main"),
    as_pull_request: z.boolean().default(false),
  }),
  z.strictObject({
    operation: z.literal("delete_files"),
    patterns: z.array(z.string().min(1)).min(1).max(50),
    title: text,
    branch: branch.default("main"),
    as_pull_request: z.boolean().default(false),
  }),
  z.strictObject({ operation: z.literal("create_branch"), branch, from: branch.optional() }),
  z.strictObject({ operation: z.literal("delete_branch"), branch }),
  z.strictObject({
    operation: z.literal("create_tag"),
    tag: branch,
    revision: branch.default("main"),
    message: text.optional(),
  }),
  z.strictObject({ operation: z.literal("delete_tag"), tag: branch }),
  z.strictObject({
    operation: z.literal("open_discussion"),
    title: text,
    description: text,
    as_pull_request: z.boolean().default(false),
  }),
  z.strictObject({ operation: z.literal("comment"), number, comment: text }),
  z.strictObject({
    operation: z.literal("set_status"),
    number,
    status: z.enum(["open", "closed"]),
    comment: text.optional(),
  }),
  z.strictObject({ operation: z.literal("merge"), number, comment: text.optional() }),
]);

const input: z.ZodType<HubChange> = z.strictObject({
  kind: z.enum(["model", "dataset", "space"]),
  id: z.string().min(1).describe("owner/name"),
  change,
  hub: hubSchema,
});

/** Whether others can see the repository is not known before: a policy has to take it for public. */
export function hubChangeTool(library: Library | null): Tool {
  return defineTool({
    name: "hub_change",
    description:
      "Changes a repository of a hub: files of the workspace are uploaded, files deleted, branches, tags, discussions and pull requests made and changed. A finished model is published with publish_model instead, which brings the evidence along.",
    input,
    facts: ({ id, hub, change }) => ({
      hosts: library?.hubHosts(hub) ?? "any",
      target: {
        name: id,
        visibility: change.operation === "create_repo" && !change.is_public ? "private" : "public",
      },
    }),
    async execute(asked, context) {
      const { changeHub } = await import("../answers/change-hub.ts");
      return await changeHub(asked, { reading: await openLibrary(library), context });
    },
  });
}
