import { z } from "zod";
import { jsonOf } from "../../http/contents.ts";
import type { WebClient } from "../../http/web-client.ts";
import { DocumentationError } from "../documentation-error.ts";
import { SITE } from "./docs-route.ts";
import type { ReadPage } from "./source.ts";

const HUB = `${SITE}/.well-known/openapi.json`;

const anyRecord = z.record(z.string(), z.unknown());
const specification = z.object({
  openapi: z.string(),
  info: z.object({ title: z.string(), version: z.string() }),
  paths: z.record(z.string(), anyRecord),
  components: z.record(z.string(), anyRecord).optional(),
});
const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: anyRecord.optional(),
});
const operation = z.object({
  summary: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  parameters: z.array(z.unknown()).optional(),
  requestBody: z.unknown().optional(),
  responses: z.record(z.string(), z.unknown()).optional(),
});

const METHODS = ["get", "post", "put", "patch", "delete", "head"];

/** A page of Markdown for each operation of an OpenAPI document: `GET /api/models/{repo}`, what it takes and what it answers. */
export async function openApiPages(options: {
  readonly url: string | undefined;
  readonly web: WebClient;
  readonly signal: AbortSignal;
}): Promise<{ readonly pages: readonly ReadPage[]; readonly version: string }> {
  const { url = HUB, web, signal } = options;
  const answer = await web.request({ url, freshMs: 60_000, signal });
  const document = jsonOf(answer, specification);
  const resolve = resolver(document);
  const pages = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method): ReadPage[] => {
      const parsed = operation.safeParse(item[method]);
      if (!parsed.success) return [];
      const title = `${method.toUpperCase()} ${path}`;
      const shared = Array.isArray(item.parameters) ? (item.parameters as readonly unknown[]) : [];
      const markdown = describe({ title, operation: parsed.data, shared, resolve });
      return [{ path: `${method}${path}`, title, url: answer.url, markdown, at: answer.at.getTime() }];
    }),
  );
  if (pages.length > 0) return { pages, version: document.info.version };
  throw new DocumentationError("docs/no_pages", `${answer.url} describes no operations.`, {
    mend: "Give the address of an OpenAPI 3 document in JSON.",
  });
}

type Resolve = (value: unknown) => unknown;

function describe(options: {
  readonly title: string;
  readonly operation: z.infer<typeof operation>;
  readonly shared: readonly unknown[];
  readonly resolve: Resolve;
}): string {
  const { title, operation, shared, resolve } = options;
  const { summary, description, tags = [], parameters = [], requestBody, responses = {} } = operation;
  const parts = [
    `# ${title}`,
    summary,
    description,
    tags.length > 0 ? `Tags: ${tags.join(", ")}` : undefined,
  ];
  const known = [...shared, ...parameters].flatMap((each) => parameter.safeParse(resolve(each)).data ?? []);
  if (known.length > 0) {
    parts.push("## Parameters");
    const lines = known.map(({ name, in: where, required, description: told, schema = {} }) =>
      field({
        name,
        type: `${where}, ${typeOf(schema)}`,
        isRequired: required === true,
        told: told ?? schema.description,
      }),
    );
    parts.push(lines.join("\n"));
  }
  const body = fieldsOf(schemaIn(resolve(requestBody), resolve), resolve);
  if (body.length > 0) parts.push("## Body", body.join("\n"));
  for (const [status, response] of Object.entries(responses)) {
    const answer = resolve(response);
    const told = isRecord(answer) && typeof answer.description === "string" ? answer.description : undefined;
    const fields = fieldsOf(schemaIn(answer, resolve), resolve);
    if (told !== undefined || fields.length > 0) parts.push(`## Response ${status}`, told, fields.join("\n"));
  }
  return `${parts.filter((part) => part !== undefined && part !== "").join("\n\n")}\n`;
}

/** The fields of an object, or of the objects in a list; one level deep. */
function fieldsOf(schema: Record<string, unknown>, resolve: Resolve): string[] {
  const items = schema.type === "array" ? resolve(schema.items) : schema;
  const options = isRecord(items) ? [items.anyOf, items.oneOf, items.allOf].find(Array.isArray) : undefined;
  if (options !== undefined) {
    return [...new Set((options as unknown[]).flatMap((each) => fieldsOf(recordOf(resolve(each)), resolve)))];
  }
  const { properties, required = [] } = recordOf(items);
  return Object.entries(recordOf(properties)).map(([name, value]) => {
    const property = recordOf(resolve(value));
    const isRequired = Array.isArray(required) && required.includes(name);
    return field({ name, type: typeOf(property), isRequired, told: property.description });
  });
}

function field(options: {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly told: unknown;
}): string {
  const { name, type, isRequired, told } = options;
  const text = typeof told === "string" ? `: ${told.replaceAll(/\s+/g, " ").trim()}` : "";
  return `- \`${name}\` (${type}${isRequired ? ", required" : ""})${text}`;
}

const SHOWN_VALUES = 12;

function typeOf(schema: Record<string, unknown>): string {
  if (Array.isArray(schema.enum)) {
    const shown = schema.enum.slice(0, SHOWN_VALUES).map((value) => JSON.stringify(value));
    return `${shown.join(" | ")}${schema.enum.length > SHOWN_VALUES ? " | …" : ""}`;
  }
  if (schema.type === "array") return `list of ${typeOf(recordOf(schema.items))}`;
  return typeof schema.type === "string" ? schema.type : "any";
}

function schemaIn(value: unknown, resolve: Resolve): Record<string, unknown> {
  const content = recordOf(recordOf(value).content);
  const media = recordOf(content["application/json"] ?? Object.values(content)[0]);
  return recordOf(resolve(media.schema));
}

/** Follows a reference within the document. One that leads nowhere, or in a circle, is nothing. */
function resolver(document: z.infer<typeof specification>): Resolve {
  return (value) => {
    let found = value;
    for (let steps = 0; isRecord(found) && typeof found.$ref === "string"; steps++) {
      const [, group = "", name = ""] = /^#\/components\/([^/]+)\/([^/]+)$/.exec(found.$ref) ?? [];
      found = steps < 10 ? document.components?.[group]?.[name] : undefined;
    }
    return found;
  };
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
