/**
 * The arguments of a call as one text that does not depend on the order of keys nor, within texts, on the amount of white
 * space. Equal texts may come from calls that differ in indentation: with the same answer, they are the same call.
 */
export function canonicalInput(value: unknown): string {
  return JSON.stringify(canonical(value));
}

function canonical(value: unknown): unknown {
  if (typeof value === "string") return value.trim().replace(/\s+/g, " ");
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value ?? null;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, canonical(inner)]);
}
