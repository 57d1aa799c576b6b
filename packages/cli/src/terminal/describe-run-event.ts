import type { LoggedEvent } from "@ml-intern/intern";
import { withoutControls } from "./plain-text.ts";
import type { Style } from "./style.ts";

/** What happens to runs that go on by themselves, in words; nothing where a tool's answer says it. */
export function describeRunEvent(
  event: Extract<LoggedEvent, { type: "run_started" | "run_news" }>,
  style: Style,
): string[] {
  if (event.type === "run_started") {
    const name = withoutControls(event.name);
    return [style.dim(`${event.run} (${name}, seed ${event.seed}) goes on by itself`)];
  }
  if (event.text === null) return [];
  const [first = "", ...rest] = withoutControls(event.text).replace("[ml-intern] ", "").split("\n");
  // What a run has left is shown as its record.
  if (event.news.kind === "ended") return [style.dim(`The intern hears: ${sentence(first)}`)];
  return [`! ${sentence(first)}`, ...rest.map((line) => `  ${line}`)].map(style.warning);
}

function sentence(text: string): string {
  return text.split(/(?<=\.)\s/)[0] ?? text;
}
