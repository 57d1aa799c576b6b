import type { z } from "zod";

type Issue = z.core.$ZodIssue;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: "a valid string",
  int: "a valid integer",
  number: "a valid number",
  boolean: "a valid boolean",
  array: "a valid list",
  object: "an object",
  record: "an object",
};

/** A schema's complaint in the API's form: `<path>: <what is wrong>`. */
export function issueText(issue: Issue, body: unknown): string {
  const missing = issue.code !== "custom" && valueAt(body, issue.path) === undefined;
  const path = pathText(issue.path, body);
  return `${path === "" ? "" : `${path}: `}${missing ? "Field required" : complaint(issue, body)}`;
}

function complaint(issue: Issue, body: unknown): string {
  switch (issue.code) {
    case "invalid_type":
      return `Input should be ${TYPE_NAMES[issue.expected] ?? `a valid ${issue.expected}`}`;
    case "invalid_value":
      return `Input should be ${alternatives(issue.values.map((value) => `'${String(value)}'`))}`;
    case "too_small":
      return tooSmall(issue.origin, Number(issue.minimum), sizeAt(body, issue.path));
    case "too_big":
      return tooBig(issue.origin, Number(issue.maximum), sizeAt(body, issue.path));
    case "invalid_format":
      return `String should match pattern '${(issue.pattern ?? issue.format).replace(/^\/|\/$/g, "")}'`;
    default:
      return issue.message;
  }
}

function tooSmall(origin: string, minimum: number, size: number): string {
  if (origin === "array") {
    return `List should have at least ${minimum} ${minimum === 1 ? "item" : "items"} after validation, not ${size}`;
  }
  if (origin === "string") {
    return `String should have at least ${minimum} ${minimum === 1 ? "character" : "characters"}`;
  }
  return `Input should be greater than or equal to ${minimum}`;
}

function tooBig(origin: string, maximum: number, size: number): string {
  if (origin === "array") return `List should have at most ${maximum} items after validation, not ${size}`;
  if (origin === "string") return `String should have at most ${maximum} characters`;
  return `Input should be less than or equal to ${maximum}`;
}

function alternatives(values: readonly string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}

/** The API names the kind of a tool after its index: `tools.0.custom.name`. */
function pathText(path: readonly PropertyKey[], body: unknown): string {
  const parts = path.map(String);
  if (parts[0] === "tools" && parts.length > 2) {
    const type = valueAt(body, [...path.slice(0, 2), "type"]);
    parts.splice(2, 0, typeof type === "string" ? type : "custom");
  }
  return parts.join(".");
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function sizeAt(body: unknown, path: readonly PropertyKey[]): number {
  const value = valueAt(body, path);
  return Array.isArray(value) ? value.length : 0;
}
