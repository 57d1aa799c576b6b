import { Hono } from "hono";
import * as z from "zod";
import { hasFrontMatter, parseFrontMatter } from "../card/front-matter.ts";
import { readJson } from "../http/read-json.ts";

const body = z.object({ content: z.string(), repoType: z.string().nullish() });

/**
 * The check that Python's client makes of a README before it commits. This hub reads a part of YAML only, so it warns of
 * what it cannot read and refuses nothing.
 */
export function validateYamlRoutes(): Hono {
  const app = new Hono();
  app.post("/api/validate-yaml", async (c) => {
    const { content } = body.parse(await readJson(c));
    return c.json({ errors: [], warnings: warningsFor(content) });
  });
  return app;
}

function warningsFor(card: string): { message: string }[] {
  const metadata = parseFrontMatter(card);
  if (metadata === null && hasFrontMatter(card)) {
    return [{ message: "this hub cannot read the metadata block, and will show the repository without it" }];
  }
  if (metadata === null || Object.keys(metadata).length === 0) {
    return [{ message: "empty or missing yaml metadata in repo card" }];
  }
  return [];
}
