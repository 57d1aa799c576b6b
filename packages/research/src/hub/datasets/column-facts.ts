import type { ColumnFacts, Figures } from "./dataset-facts.ts";
import { featureType } from "./feature-type.ts";
import type { Statistics } from "./viewer-answers.ts";

const MOST_TOP = 10;

/** What is known of each column: its type from the schema, the rest from the statistics where there are any. */
export function columnFacts(
  features: readonly { readonly name: string; readonly type: unknown }[],
  statistics: Statistics["statistics"],
): readonly ColumnFacts[] {
  return features.map(({ name, type }) => {
    const found = statistics.find(({ column_name }) => column_name === name);
    const { nan_count, n_unique, frequencies, ...numbers } = found?.column_statistics ?? {};
    const top = Object.entries(frequencies ?? {})
      .sort(([, a], [, b]) => b - a)
      .map(([value, count]) => ({ value, count }));
    return {
      name,
      ...featureType(type),
      missing: nan_count ?? null,
      distinct: n_unique ?? null,
      figures: figuresOf(found?.column_type ?? "", numbers),
      top: top.slice(0, MOST_TOP),
    };
  });
}

function figuresOf(
  columnType: string,
  { min, max, mean, median, std }: Statistics["statistics"][number]["column_statistics"],
): Figures | null {
  if (min == null && max == null && mean == null) return null;
  return {
    of: unitOf(columnType),
    min: min ?? null,
    max: max ?? null,
    mean: mean ?? null,
    median: median ?? null,
    std: std ?? null,
  };
}

function unitOf(columnType: string): Figures["of"] {
  switch (columnType) {
    case "string_text":
    case "list":
      return "lengths";
    case "image":
      return "widths";
    case "audio":
      return "seconds";
    default:
      return "values";
  }
}
