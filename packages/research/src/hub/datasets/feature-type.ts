import { z } from "zod";

const record = z.record(z.string(), z.unknown());

/** The type of a column in words (`list<string>`, `ClassLabel`, `{role: string}`), and the names of its classes. */
export function featureType(feature: unknown): {
  readonly type: string;
  readonly classes: readonly string[] | null;
} {
  const label = z.object({ _type: z.literal("ClassLabel"), names: z.array(z.string()) }).safeParse(feature);
  return { type: nameOf(feature, 0), classes: label.success ? label.data.names : null };
}

/** Deeper than this nobody reads it. */
const DEEPEST = 4;

function nameOf(feature: unknown, depth: number): string {
  if (depth > DEEPEST) return "…";
  if (Array.isArray(feature)) return `list<${nameOf(feature[0], depth + 1)}>`;
  const fields = record.safeParse(feature);
  if (!fields.success) return "unknown";
  const { _type: kind, dtype, feature: inner, shape, ...rest } = fields.data;
  if (kind === "Value") return typeof dtype === "string" ? dtype : "unknown";
  if (kind === "List" || kind === "LargeList" || kind === "Sequence")
    return `list<${nameOf(inner, depth + 1)}>`;
  if (typeof kind === "string") return Array.isArray(shape) ? `${kind}(${shape.join("×")})` : kind;
  const inside = Object.entries(rest).map(([name, value]) => `${name}: ${nameOf(value, depth + 1)}`);
  return `{${inside.join(", ")}}`;
}
