import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { settingsOf } from "./raw-settings.ts";

export interface Wording {
  readonly message: string;
  readonly mend: string;
}

/** A fault that the schema found, as a sentence that goes on after the setting's path, and what to write instead. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  { value, quotable }: { readonly value: unknown; readonly quotable: boolean },
): Wording {
  const found = quotable ? shown(value) : "what is there";
  switch (issue.code) {
    case "invalid_type":
      if (value === undefined || value === null)
        return { message: "is missing", mend: `Add it: ${kind(issue.expected)}.` };
      return { message: `should be ${kind(issue.expected)}, not ${found}`, mend: "Correct the value." };
    case "too_small":
      return atLeast(issue, found);
    case "too_big":
      return { message: `must be at most ${issue.maximum}, not ${found}`, mend: "Choose a smaller number." };
    case "invalid_value":
      return choice(issue.values.map(String), { value, found });
    case "invalid_union": {
      const { options, discriminator } = issue as {
        options?: readonly unknown[];
        discriminator?: string;
      };
      if (options && discriminator !== undefined) {
        // The value of such a fault is what holds the setting.
        const chosen = settingsOf(value)[discriminator];
        return choice(options.map(String), { value: chosen, found: quotable ? shown(chosen) : found });
      }
      return {
        message: `has a form that is not known, ${found}`,
        mend: "See the reference of this setting.",
      };
    }
    case "invalid_key":
      return {
        message: "is not a name that can be used here",
        mend: issue.issues[0]?.message ?? "Choose another name.",
      };
    case "custom": {
      const { mend } = (issue.params ?? {}) as { mend?: string };
      return { message: issue.message, mend: mend ?? "Correct the value." };
    }
    default:
      return { message: `is not valid: ${issue.message}`, mend: "Correct the value." };
  }
}

function atLeast(issue: z.core.$ZodIssueTooSmall, found: string): Wording {
  if (issue.origin === "string") return { message: "is empty", mend: "Write a value, or take it out." };
  if (issue.origin === "array") return { message: "is empty", mend: "Write at least one." };
  const bound = issue.inclusive ? `at least ${issue.minimum}` : `more than ${issue.minimum}`;
  return { message: `must be ${bound}, not ${found}`, mend: "Choose a larger number." };
}

function choice(known: readonly string[], { value, found }: { value: unknown; found: string }): Wording {
  const offer = known.map((word) => `\`${word}\``).join(", ");
  if (value === undefined) return { message: "is missing", mend: `Choose one of ${offer}.` };
  const meant = typeof value === "string" ? nearest(value, known) : null;
  return {
    message: `cannot be ${found}`,
    mend: `${meant ? `Did you mean \`${meant}\`? ` : ""}Choose one of ${offer}.`,
  };
}

function kind(expected: string): string {
  switch (expected) {
    case "object":
    case "record":
      return "settings by name (`name: value`)";
    case "array":
      return "a list";
    case "int":
      return "a whole number";
    case "boolean":
      return "true or false";
    case "string":
      return "text";
    default:
      return `a ${expected}`;
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "settings by name";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
