import type { AskedCall, CallAnswer } from "@ml-intern/intern";
import { dollars, plural } from "../format.ts";
import { withoutControls } from "../plain-text.ts";
import type { Style } from "../style.ts";
import { describeInput } from "./describe-input.ts";
import { EMPTY_DRAFT, edit } from "./input-editor.ts";
import { inputRows } from "./input-rows.ts";
import type { Key } from "./key-reader.ts";
import { wrapped } from "./live-rows.ts";
import type { Panel, PanelLook } from "./panel.ts";

/** What the person decided, or a call that they want to edit first: the list is then opened again with what it held. */
export type ListAnswer =
  | { readonly kind: "answers"; readonly answers: readonly CallAnswer[] }
  | { readonly kind: "edit"; readonly call: AskedCall };

/** Rows of one call's arguments that are shown. */
const DETAILS = 8;

/**
 * All calls of one answer that wait for the person, one decision each: y and n decide the marked one and go to the next, e
 * edits it, a approves all that are left. Enter gives the answers once each call has one. A rejected call may be told why.
 */
export class ApprovalList implements Panel<ListAnswer | null> {
  readonly #calls: readonly AskedCall[];
  readonly #answers = new Map<string, CallAnswer>();
  #at = 0;
  /** Words to the call that is being rejected. */
  #words: typeof EMPTY_DRAFT | null = null;

  constructor(calls: readonly AskedCall[]) {
    this.#calls = calls;
  }

  /** Takes what the person made of a call's arguments; that approves it. */
  take(id: string, input: Readonly<Record<string, unknown>>): void {
    this.#answers.set(id, { id, kind: "approve_edited", input });
  }

  rows({ size, style }: PanelLook): string[] {
    const marked = this.#calls[this.#at];
    const details = marked === undefined ? [] : detailsOf(marked, size.columns - 4, style);
    const answered = this.#calls.filter(({ id }) => this.#answers.has(id)).length;
    return [
      style.bold(`? ${plural(this.#calls.length, "call")} to decide on, ${answered} decided`),
      ...this.#calls.flatMap((call, index) => [
        `${index === this.#at ? "›" : " "} ${markOf(this.#answers.get(call.id), style)} ${titleOf(call)}`,
        ...(index === this.#at ? details : []),
      ]),
      ...(this.#words === null
        ? [style.dim("y yes · n no · e edit · a yes to the rest · ↑ ↓ · enter answers")]
        : [
            ...inputRows(this.#words, { width: size.columns - 14, height: 3 }).map(
              (row, index) => `${index === 0 ? "  instead: " : "           "}${row}`,
            ),
            style.dim("enter rejects with these words, or without any · esc goes back"),
          ]),
    ];
  }

  press(key: Key): { readonly answer: ListAnswer | null } | null {
    const marked = this.#calls[this.#at];
    if (marked === undefined) return { answer: null };
    if (this.#words !== null) {
      this.#writeWords(marked, key);
      return null;
    }
    if (key.kind === "text") return this.#decide(marked, key.text.toLowerCase());
    if (key.kind !== "key") return null;
    if (key.name === "up") this.#at = Math.max(0, this.#at - 1);
    if (key.name === "down") this.#at = Math.min(this.#calls.length - 1, this.#at + 1);
    if (key.name !== "enter") return null;
    const answers = this.#calls.flatMap(({ id }) => this.#answers.get(id) ?? []);
    if (answers.length < this.#calls.length) {
      this.#goToUndecided();
      return null;
    }
    return { answer: { kind: "answers", answers } };
  }

  #decide(call: AskedCall, letters: string): { readonly answer: ListAnswer } | null {
    // Of letters that arrive together, each decides on the call that is marked then.
    for (const letter of letters) {
      const marked = this.#calls[this.#at] ?? call;
      if (letter === "y") {
        this.#answers.set(marked.id, { id: marked.id, kind: "approve" });
        this.#goToUndecided();
      } else if (letter === "a") {
        for (const { id } of this.#calls)
          if (!this.#answers.has(id)) this.#answers.set(id, { id, kind: "approve" });
      } else if (letter === "n") {
        this.#words = EMPTY_DRAFT;
        return null;
      } else if (letter === "e") return { answer: { kind: "edit", call: marked } };
    }
    return null;
  }

  #writeWords({ id }: AskedCall, key: Key): void {
    if (key.kind === "key" && key.name === "escape") this.#words = null;
    else if (key.kind === "key" && key.name === "enter") {
      this.#answers.set(id, { id, kind: "reject", words: this.#words?.text.trim() ?? "" });
      this.#words = null;
      this.#goToUndecided();
    } else if (this.#words !== null) this.#words = edit(this.#words, key) ?? this.#words;
  }

  #goToUndecided(): void {
    const next = this.#calls.findIndex(({ id }) => !this.#answers.has(id));
    if (next >= 0) this.#at = next;
  }
}

function titleOf({ tool, origin, input }: AskedCall): string {
  const from = origin === "built-in" ? "" : ` (${origin})`;
  return `${withoutControls(tool)}${from} ${describeInput(input)}`;
}

function detailsOf(call: AskedCall, width: number, style: Style): string[] {
  const { why, estimated_usd, hosts, target, input } = call;
  const facts = [
    why,
    estimated_usd === null ? "cost unknown" : estimated_usd > 0 ? `about ${dollars(estimated_usd)}` : "",
    hosts === "any" ? "may reach any host" : hosts.length > 0 ? `reaches ${hosts.join(", ")}` : "",
    target === null ? "" : `writes to ${target.name} (${target.visibility})`,
  ].filter((fact) => fact !== "");
  const text = JSON.stringify(input, null, 2).replaceAll("\\n", "\n").split("\n");
  const shown = text.slice(0, DETAILS).flatMap((line) => wrapped(withoutControls(line), width, 2));
  const hidden = text.length - DETAILS;
  return [
    ...wrapped(withoutControls(facts.join(" · ")), width, 3).map((row) => style.warning(`    ${row}`)),
    ...shown.map((row) => style.dim(`    ${row}`)),
    ...(hidden > 0 ? [style.dim(`    … ${plural(hidden, "more line")} (e shows all)`)] : []),
  ];
}

function markOf(answer: CallAnswer | undefined, style: Style): string {
  switch (answer?.kind) {
    case undefined:
      return "·";
    case "approve":
      return style.verified("✔");
    case "approve_edited":
      return style.verified("✎");
    case "reject":
      return style.failure("✗");
    default:
      return answer satisfies never;
  }
}
