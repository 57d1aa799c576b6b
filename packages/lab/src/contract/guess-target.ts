import type { ColumnReport } from "../data/report.ts";

const usualNames = [
  "target",
  "label",
  "labels",
  "class",
  "y",
  "outcome",
  "species",
  "category",
  "sentiment",
  "diagnosis",
  "survived",
  "churn",
  "churned",
  "exited",
  "default",
  "fraud",
  "spam",
  "is_spam",
  "quality",
  "price",
  "saleprice",
  "median_house_value",
  "medv",
  "income",
  "salary",
  "sales",
  "demand",
  "score",
  "rating",
];

/** The column that is to be predicted: from the given name, the task's words, a usual name, or the last place. */
export function guessTarget(columns: readonly ColumnReport[], task: string, target?: string): string | null {
  if (target !== undefined) return findColumn(columns, target);
  return fromTask(columns, task) ?? fromUsualName(columns) ?? fromLastPlace(columns);
}

/** The column of that name; without regard to capitals when there is only one such. */
export function findColumn(columns: readonly { readonly name: string }[], name: string): string | null {
  if (columns.some((column) => column.name === name)) return name;
  const close = columns.filter((column) => normal(column.name) === normal(name));
  return close.length === 1 ? (close[0]?.name ?? null) : null;
}

/** Up to three names that somebody may have meant. */
export function similarNames(columns: readonly { readonly name: string }[], name: string): string[] {
  const wanted = normal(name);
  return columns
    .map((column) => ({ name: column.name, distance: editDistance(wanted, normal(column.name)) }))
    .filter(
      ({ name: other, distance }) =>
        distance <= Math.max(2, wanted.length / 3) || normal(other).includes(wanted),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name: other }) => other);
}

function fromTask(columns: readonly ColumnReport[], task: string): string | null {
  const quoted = [...task.matchAll(/["'`“”‘’]([^"'`“”‘’]+)["'`“”‘’]/g)].map((match) => match[1] ?? "");
  for (const name of quoted) {
    const found = findColumn(columns, name);
    if (found !== null) return found;
  }
  const text = ` ${words(task.replace(/\S+\.(csv|tsv|jsonl?|parquet|txt)\b/gi, " "))} `;
  const candidates = columns
    .filter(({ kind }) => kind !== "empty" && kind !== "constant")
    .map(({ name }) => ({ name, text: words(name) }))
    .filter(({ text: name }) => name.length >= 2)
    .sort((a, b) => b.text.length - a.text.length);
  const verb =
    /(?:predict(?:s|ing)?|classif(?:y|ies|ying)(?: \w+)* (?:by|into|as)|estimat(?:e|es|ing)|forecast(?:s|ing)?|target(?: column)?(?: is)?|recogni[sz](?:e|es|ing)|detect(?:s|ing)?|model(?:s|ling)?|classif(?:y|ies|ying|ier)) /.exec(
      text,
    );
  if (verb !== null) {
    const after = text.slice(verb.index + verb[0].length - 1);
    const [span = ""] = after.split(/ (?:from|using|with|based on|given|out of|by means of) /);
    const found = earliest(span, candidates);
    if (found !== null) return found;
  }
  return earliest(
    text,
    candidates.filter(({ text: name }) => name.length >= 4),
  );
}

/** The candidate that occurs first; of those that begin at the same word the longest. */
function earliest(text: string, candidates: readonly { name: string; text: string }[]): string | null {
  let best: { name: string; at: number } | null = null;
  for (const { name, text: wanted } of candidates) {
    const found = [` ${wanted} `, ` ${wanted}s `, ` ${wanted}es `]
      .map((form) => `${text} `.indexOf(form))
      .filter((at) => at !== -1);
    const at = Math.min(...found);
    if (found.length > 0 && (best === null || at < best.at)) best = { name, at };
  }
  return best?.name ?? null;
}

function fromUsualName(columns: readonly ColumnReport[]): string | null {
  const usable = columns.filter(({ kind }) => kind !== "empty" && kind !== "constant");
  for (const usual of usualNames) {
    const found = usable.find(({ name }) => normal(name) === normal(usual));
    if (found !== undefined) return found.name;
  }
  return null;
}

function fromLastPlace(columns: readonly ColumnReport[]): string | null {
  const last = columns.at(-1);
  if (last === undefined) return null;
  return last.kind === "category" || last.kind === "boolean" || last.kind === "number" ? last.name : null;
}

function normal(name: string): string {
  return words(name).replaceAll(" ", "");
}

function words(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
