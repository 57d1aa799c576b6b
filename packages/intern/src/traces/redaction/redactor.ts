import { createHmac } from "node:crypto";
import { findAssignments } from "./assignments.ts";
import type { FoundSecret, SecretFinder } from "./found-secret.ts";
import { findInKnownPlaces } from "./known-places.ts";
import { type Environment, machineSecrets } from "./machine-secrets.ts";
import { findPrivateKeys } from "./private-keys.ts";
import { findProviderKeys } from "./provider-keys.ts";
import { secretName } from "./secret-name.ts";
import { isSecretValue } from "./secret-value.ts";

export interface RedactorOptions {
  /** Where the machine's own secrets stand. */
  readonly env: Environment;
  /** The person's home directory, which becomes `~`; null leaves paths alone. */
  readonly homeDirectory: string | null;
  /** Keeps labels apart from one session to the next, so that nobody can guess a secret and compare its label. */
  readonly labelKey: string;
}

/** Takes secrets out of a trace and leaves a label for each. What it gives can be given to it again unchanged. */
export interface Redactor {
  /** The same text with `[redacted hf_token 3f2a]` for each secret; the same secret has the same label. */
  text(text: string): string;
  /** The same JSON value with its texts redacted, by what they hold and by the name that they stand under. */
  value<Value>(value: Value): Value;
  /** How many were taken out so far, by kind. */
  readonly counts: ReadonlyMap<string, number>;
}

export function createRedactor({ env, homeDirectory, labelKey }: RedactorOptions): Redactor {
  // In the order of trust: of two that overlap, the first one's kind is kept.
  const finders: readonly SecretFinder[] = [
    machineSecrets(env),
    findProviderKeys,
    findPrivateKeys,
    findInKnownPlaces,
    findAssignments,
  ];
  const home = homePattern(homeDirectory);
  const counts = new Map<string, number>();

  function label(kind: string, secret: string): string {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const id = createHmac("sha256", labelKey).update(secret).digest("hex").slice(0, 4);
    return `[redacted ${kind} ${id}]`;
  }

  function redactText(text: string): string {
    const found = merge(finders.flatMap((find, order) => [...find(text)].map((one) => ({ ...one, order }))));
    let result = "";
    let done = 0;
    for (const { start, end, kind, plain } of found) {
      result += text.slice(done, start) + label(kind, plain ?? text.slice(start, end));
      done = end;
    }
    result += text.slice(done);
    return home === null ? result : result.replace(home, "~");
  }

  function redactNamed(text: string, name: string): string {
    const secret = secretName(name.replace(/^-+/, ""));
    if (
      secret !== null &&
      isSecretValue(text, { name, secret, form: "quoted" }) &&
      !text.includes("[redacted ")
    )
      return label(secret.kind, text);
    return redactText(text);
  }

  function redact(value: unknown, name: string): unknown {
    if (typeof value === "string") return redactNamed(value, name);
    if (Array.isArray(value)) return value.map((item, index) => redact(item, optionBefore(value, index)));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [redactText(key), redact(item, nameOf(key, value))]),
    );
  }

  return {
    text: redactText,
    // The walk changes texts only, so the shape stays.
    value: <Value>(value: Value) => redact(value, "") as Value,
    counts,
  };
}

/** Disjoint, in the order of the text. */
function merge(found: readonly (FoundSecret & { readonly order: number })[]): FoundSecret[] {
  const merged: (FoundSecret & { readonly order: number })[] = [];
  for (const next of [...found].sort((a, b) => a.start - b.start || a.order - b.order)) {
    const last = merged.at(-1);
    if (last === undefined || next.start >= last.end) merged.push(next);
    else if (next.end > last.end || next.order < last.order) {
      const first = next.order < last.order ? next : last;
      // A label is of one secret, or of the whole stretch that two share.
      const isWithin = next.start === last.start && next.end === last.end;
      const { kind, order } = first;
      const end = Math.max(last.end, next.end);
      merged[merged.length - 1] = isWithin ? { ...first } : { start: last.start, end, kind, order };
    }
  }
  return merged;
}

/** `["--token", "…"]`: the item before an item of an array of arguments names it. */
function optionBefore(items: readonly unknown[], index: number): string {
  const before = items[index - 1];
  return typeof before === "string" && /^--?[\w-]{2,64}$/.test(before) ? before : "";
}

/** The name of a field; in `{ "name": "HF_TOKEN", "value": "…" }` the name of the variable. */
function nameOf(field: string, within: object): string {
  const { name, key } = within as { readonly name?: unknown; readonly key?: unknown };
  if (field !== "value") return field;
  if (typeof name === "string") return name;
  return typeof key === "string" ? key : field;
}

/** A short home such as `/` says nothing about a person, and would be found everywhere. */
function homePattern(home: string | null): RegExp | null {
  if (home === null || home.length < 4) return null;
  return new RegExp(`(?<![\\w.~-])${home.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w.-])`, "g");
}
