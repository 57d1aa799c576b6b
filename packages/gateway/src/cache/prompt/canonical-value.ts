/**
 * A JSON value as text: the same for values that differ only in the order of keys, another for all others. Strings stand
 * as they are, after their length, since escaping them would cost more than hashing them.
 */
export function canonicalValue(value: unknown): string {
  if (typeof value === "string") return `${value.length}"${value}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map((item) => canonicalValue(item)).join(",")}]`;
  const object = value as Readonly<Record<string, unknown>>;
  let members = "";
  for (const key of Object.keys(object).sort()) {
    if (object[key] !== undefined) members += `${canonicalValue(key)}:${canonicalValue(object[key])},`;
  }
  return `{${members}}`;
}
