import { type AskedCall, type CallAnswer, callsLike } from "@ml-intern/intern";
import { describeCall } from "../describe-call.ts";
import type { EditedCall } from "../edit-call.ts";
import { plural } from "../format.ts";
import { withoutControls } from "../plain-text.ts";
import type { Style } from "../style.ts";
import { whoAsks } from "../who-asks.ts";
import { describeInput } from "./describe-input.ts";
import { type Draft, draftOf, edit } from "./input-editor.ts";
import { inputRows } from "./input-rows.ts";
import type { Key } from "./key-reader.ts";
import type { Panel, PanelLook } from "./panel.ts";
import { wrapWords } from "./wrap-words.ts";

/** What the person decided, or a call that they want to edit first: the list is then opened again with what it held. */
export type ListAnswer =
  | { readonly kind: "answers"; readonly answers: readonly CallAnswer[] }
  | { readonly kind: "edit"; readonly call: AskedCall };

/** Characters of a line of a call that are looked at: what is longer than the screen is not read there. */
const LONGEST_LINE = 4_000;

/**
 * All calls of one answer that wait for the person, one decision each: y and n decide the marked one and go to the next, s
 * approves all such calls of this session, e edits it, a approves all that are left. Enter gives the answers once each call has
 * one. A rejected call may be told why. Null when the person leaves.
 */
export class ApprovalList implements Panel<ListAnswer | null> {
  readonly #calls: readonly AskedCall[];
  readonly #asks: string;
  readonly #answers = new Map<string, CallAnswer>();
  readonly #edited = new Map<string, EditedCall>();
  #at = 0;
  /** Words to the call that is being rejected. */
  #words: Draft | null = null;

  /** `agent` is who asks. */
  constructor(calls: readonly AskedCall[], agent: string) {
    this.#calls = calls;
    this.#asks = whoAsks(agent);
  }

  /** What the person made of a call's arguments, the last time. */
  edited(id: string): EditedCall | undefined {
    return this.#edited.get(id);
  }

  /** Takes what the person made of a call's arguments; that approves it, unless there is a problem. */
  take(id: string, edited: EditedCall): void {
    this.#edited.set(id, edited);
    if (edited.problem === null) {
      this.#answers.set(id, { id, kind: "approve_edited", input: edited.input });
      this.#goToUndecided();
    } else this.#answers.delete(id);
  }

  rows({ size, style }: PanelLook): string[] {
    const marked = this.#calls[this.#at];
    if (marked === undefined) return [];
    const lower = this.#lowerRows(marked, { size, style });
    const others = this.#calls.length - 1;
    const room = Math.max(4, size.rows - 6 - lower.length);
    // With many calls, those around the marked one are shown, and half of the room is for what it would do.
    const shown = Math.min(others + 1, Math.max(1, Math.floor(room / 2)));
    const from = Math.max(0, Math.min(this.#at - Math.floor(shown / 2), this.#calls.length - shown));
    const details = this.#details(marked, { width: size.columns - 4, height: room - shown, style });
    const answered = this.#calls.filter(({ id }) => this.#answers.has(id)).length;
    const { question } = describeCall(marked);
    if (others === 0)
      return [
        `${style.bold(`? ${this.#asks}${question}`)} ${this.#decision(marked, style)}`,
        ...details,
        ...lower,
      ];
    return [
      style.bold(`? ${this.#asks}${plural(this.#calls.length, "call")} to decide on, ${answered} decided`),
      ...this.#calls.slice(from, from + shown).flatMap((call) => {
        const row = `${call === marked ? "›" : " "} ${markOf(this.#answers.get(call.id), style)} ${titleOf(call)}`;
        return call === marked ? [row, ...details] : [row];
      }),
      ...lower,
    ];
  }

  press(key: Key): { readonly answer: ListAnswer | null } | null {
    const marked = this.#calls[this.#at];
    if (marked === undefined) return { answer: null };
    if (this.#words !== null) return this.#writeWords(marked, key);
    if (key.kind === "text") return this.#decide(marked, key.text);
    if (key.kind !== "key") return null;
    if (key.name === "escape") return { answer: null };
    if (key.name === "up") this.#at = Math.max(0, this.#at - 1);
    if (key.name === "down") this.#at = Math.min(this.#calls.length - 1, this.#at + 1);
    return key.name === "enter" ? this.#give() : null;
  }

  #give(): { readonly answer: ListAnswer } | null {
    const answers = this.#calls.flatMap(({ id }) => this.#answers.get(id) ?? []);
    if (answers.length === this.#calls.length) return { answer: { kind: "answers", answers } };
    this.#goToUndecided();
    return null;
  }

  #decide(call: AskedCall, letters: string): { readonly answer: ListAnswer } | null {
    // Of letters that arrive together, each decides on the call that is marked then.
    for (const [index, written] of [...letters].entries()) {
      const letter = written.toLowerCase();
      const marked = this.#calls[this.#at] ?? call;
      const always = letter === "s" ? callsLike(marked) : null;
      if (letter === "y" || always !== null) {
        this.#answers.set(marked.id, { id: marked.id, kind: "approve", ...(always !== null && { always }) });
        this.#goToUndecided();
      } else if (letter === "a") {
        for (const { id } of this.#calls)
          if (!this.#answers.has(id)) this.#answers.set(id, { id, kind: "approve" });
      } else if (letter === "n") {
        // The rest are the words.
        this.#words = draftOf([...letters].slice(index + 1).join(""));
        return null;
      } else if (letter === "e") return { answer: { kind: "edit", call: marked } };
    }
    return null;
  }

  #writeWords({ id }: AskedCall, key: Key): { readonly answer: ListAnswer } | null {
    if (key.kind === "key" && key.name === "escape") this.#words = null;
    else if (key.kind === "key" && key.name === "enter") {
      this.#answers.set(id, { id, kind: "reject", words: this.#words?.text.trim() ?? "" });
      this.#words = null;
      // There is nothing to look over again.
      if (this.#calls.length === 1) return this.#give();
      this.#goToUndecided();
    } else if (this.#words !== null) this.#words = edit(this.#words, key) ?? this.#words;
    return null;
  }

  #goToUndecided(): void {
    const next = this.#calls.findIndex(({ id }) => !this.#answers.has(id));
    if (next >= 0) this.#at = next;
  }

  #details(
    call: AskedCall,
    { width, height, style }: { width: number; height: number; style: Style },
  ): string[] {
    const edited = this.#edited.get(call.id);
    const answer = this.#answers.get(call.id);
    const shown = edited?.problem === null ? { ...call, input: edited.input } : call;
    const { facts, lines } = describeCall(shown);
    const rows = (text: string): string[] => wrapWords(text.slice(0, LONGEST_LINE), width);
    const content = lines.slice(0, height).flatMap(rows);
    const upper = [
      ...(edited?.problem ? rows(`✗ as edited: ${edited.problem}`).slice(0, 4).map(style.failure) : []),
      ...rows(facts).slice(0, 3).map(style.warning),
      ...(answer?.kind === "approve" && answer.always ? rows(ALWAYS).map(style.verified) : []),
      ...(answer?.kind === "reject" && answer.words !== ""
        ? rows(`✗ ${withoutControls(answer.words)}`)
            .slice(0, 2)
            .map(style.failure)
        : []),
    ];
    const room = Math.max(1, height - upper.length);
    const fits = lines.length <= height && content.length <= room;
    const lower = fits ? content : [...content.slice(0, room - 1), "… there is more: e shows all"];
    return [...upper, ...lower.map(style.dim)].map((row) => `    ${row}`);
  }

  #lowerRows(marked: AskedCall, { size, style }: PanelLook): string[] {
    if (this.#words !== null)
      return [
        ...inputRows(this.#words, { width: size.columns - 14, height: 3 }).map(
          (row, index) => `${index === 0 ? "  instead: " : "           "}${row}`,
        ),
        style.dim("enter rejects with these words, or without any · esc goes back"),
      ];
    const several = this.#calls.length > 1;
    const keys = [
      ...["y yes", "n no"],
      ...(callsLike(marked) === null ? [] : ["s yes, always"]),
      "e edit",
      ...(several ? ["a yes to the rest", "↑ ↓"] : []),
      ...["enter answers", "esc stops"],
    ];
    return wrapWords(keys.join(" · "), size.columns - 1).map(style.dim);
  }

  #decision({ id }: AskedCall, style: Style): string {
    const answer = this.#answers.get(id);
    return answer === undefined ? "" : `${markOf(answer, style)} ${style.dim("enter answers")}`;
  }
}

const ALWAYS =
  "✔ and every such call in this session: this tool, to the same hosts and target, at no higher cost";

function titleOf({ tool, origin, input }: AskedCall): string {
  const from = origin === "built-in" ? "" : ` (${origin})`;
  return `${withoutControls(tool)}${from} ${describeInput(input)}`;
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
