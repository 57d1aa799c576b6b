import type { Alarm } from "./report.ts";

/**
 * Names that can stand in one header: empty ones are numbered, repeated ones (capitals aside) get a suffix, and
 * `row_id` is kept free for the lab's own column.
 */
export function uniqueColumnNames(names: readonly string[]): { names: string[]; alarms: Alarm[] } {
  const taken = new Set(["row_id"]);
  const renamed: { from: string; to: string }[] = [];
  const result = names.map((given, index) => {
    const name = given.replace(/\s+/g, " ").trim() || `column_${index + 1}`;
    let free = name;
    for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}_${n}`;
    taken.add(free.toLowerCase());
    if (free !== given.trim()) renamed.push({ from: given.trim(), to: free });
    return free;
  });
  if (renamed.length === 0) return { names: result, alarms: [] };
  const shown = renamed
    .slice(0, 5)
    .map(({ from, to }) => `${from === "" ? "(no name)" : `"${from}"`} -> "${to}"`);
  const more = renamed.length > 5 ? ` and ${renamed.length - 5} more` : "";
  const alarm: Alarm = {
    kind: "column_names",
    severity: "info",
    columns: renamed.slice(0, 20).map(({ to }) => to),
    message: `Column names that were empty, repeated or reserved are changed: ${shown.join(", ")}${more}.`,
  };
  return { names: result, alarms: [alarm] };
}
