import { z } from "zod";

/** A discussion or a pull request: both count through one sequence of numbers. */
export interface Discussion {
  readonly number: number;
  readonly title: string;
  readonly status: "open" | "closed" | "draft" | "merged";
  readonly isPullRequest: boolean;
  readonly author: string | null;
  /** ISO 8601. */
  readonly created: string;
}

/** Who wrote something; null for an account that is gone. */
export const authorName: z.ZodType<string | null> = z
  .object({ name: z.string() })
  .transform(({ name }) => name)
  .nullish()
  .catch(null)
  .transform((name) => name ?? null);

export const discussion: z.ZodType<Discussion> = z
  .object({
    num: z.number(),
    title: z.string(),
    status: z.enum(["open", "closed", "draft", "merged"]),
    isPullRequest: z.boolean(),
    author: authorName,
    createdAt: z.string(),
  })
  .transform(({ num, createdAt, ...fields }) => ({ ...fields, number: num, created: createdAt }));
