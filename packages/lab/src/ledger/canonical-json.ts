/**
 * The one text of a JSON value: keys sorted by UTF-16 code units, no white space, `undefined` fields left out
 * (RFC 8785 for the values that a ledger holds). Throws a TypeError for what JSON cannot hold, NaN included,
 * because a hash over a silent `null` would prove the wrong thing.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`A ledger holds finite numbers only, not ${value}.`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
    return `{${fields.join(",")}}`;
  }
  throw new TypeError(`A ledger cannot hold a ${typeof value}.`);
}
