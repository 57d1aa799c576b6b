import type { GuardStep } from "./guard-step.ts";

const LONGEST = 100;

/** A call in a few words: `bash "pytest -q"`. */
export function describeCall({ name, input }: GuardStep): string {
  const values = Object.values(input);
  const told = values.length === 1 ? values[0] : input;
  const text = JSON.stringify(told) ?? "";
  return `${name} ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`;
}

/** What a call is for, whatever its details: two calls of one purpose are attempts at the same thing. */
export function purposeOf({ name, input }: GuardStep): string {
  const { path, script, command } = input;
  if (typeof path === "string") return `${name} ${path}`;
  if (typeof script === "string") return `${name} ${script}`;
  if (typeof command !== "string") return `${name} ${JSON.stringify(input)}`;
  const words = command.split(/\s+/).filter((word) => word !== "" && !word.startsWith("-"));
  return `${name} ${words.slice(0, 2).join(" ")}`;
}
