import { z } from "zod";
import { plainText } from "./plain-text.ts";

/** A tool as a server lists it. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** What the server says: that it only reads. */
  readonly readOnlyHint: boolean;
}

const listed = z.looseObject({
  name: z.string().min(1).max(200),
  description: z.string().optional(),
  inputSchema: z.looseObject({ type: z.literal("object") }),
  annotations: z.looseObject({ readOnlyHint: z.boolean().optional() }).optional(),
});

const LONGEST_DESCRIPTION = 2_000;
const LONGEST_SCHEMA = 20_000;

/**
 * What a model can be offered of a listed tool, or why it cannot: each tool is a part of every request, and one that the
 * model's endpoint refuses would end the session. The server checks arguments, so the schema may say less than it knows.
 */
export function usableTool(value: unknown): ListedTool | { readonly refusal: string } {
  const parsed = listed.safeParse(value);
  if (!parsed.success) {
    const path = parsed.error.issues[0]?.path.map(String).join(".") ?? "";
    return { refusal: `a tool whose listing is not valid (at \`${path}\`)` };
  }
  const { name, description = "", annotations } = parsed.data;
  // Endpoints refuse these at the top of a schema.
  const { $schema, oneOf, anyOf, allOf, ...inputSchema } = parsed.data.inputSchema;
  if (JSON.stringify(inputSchema).length > LONGEST_SCHEMA)
    return { refusal: `the tool "${brief(name)}", whose schema is longer than ${LONGEST_SCHEMA} characters` };
  const property = Object.keys(Object(inputSchema.properties)).find((key) => !/^[\w.-]{1,64}$/.test(key));
  if (property !== undefined)
    return {
      refusal: `the tool "${brief(name)}", whose argument "${brief(property)}" has a name that models cannot write`,
    };
  return {
    name,
    description: shortened(plainText(description)),
    inputSchema,
    readOnlyHint: annotations?.readOnlyHint === true,
  };
}

function brief(text: string): string {
  return plainText(text).slice(0, 60);
}

function shortened(text: string): string {
  return text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION)} […]`;
}
