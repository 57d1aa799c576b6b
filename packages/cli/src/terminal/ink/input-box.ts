import { withoutControls } from "../plain-text.ts";
import type { Style } from "../style.ts";
import { type Draft, draftOf, EMPTY_DRAFT, edit } from "./input-editor.ts";
import type { InputHistory } from "./input-history.ts";
import { inputRows } from "./input-rows.ts";
import type { Key } from "./key-reader.ts";
import type { Size } from "./live-rows.ts";
import type { Said } from "./session-view.ts";

type CommandsFor = (beginning: string) => readonly { readonly name: string; readonly help: string }[];

/** Things that were said and not heard, and commands, that are shown at a time. */
const SHOWN = 4;

/** Where the person writes. Enter says it; the end of it as a backslash, Alt-Enter and Ctrl-J begin a new line. */
export class InputBox {
  readonly #style: Style;
  readonly #history: InputHistory;
  readonly #say: (text: string, hears: Said["hears"]) => void;
  #draft: Draft = EMPTY_DRAFT;

  constructor(options: {
    style: Style;
    history: InputHistory;
    say: (text: string, hears: Said["hears"]) => void;
  }) {
    this.#style = options.style;
    this.#history = options.history;
    this.#say = options.say;
  }

  get isEmpty(): boolean {
    return this.#draft.text === "";
  }

  clear(): void {
    this.#draft = EMPTY_DRAFT;
  }

  press(key: Key, { working, commandsFor }: { working: boolean; commandsFor: CommandsFor }): void {
    const { text, cursor } = this.#draft;
    const edited = edit(this.#draft, key);
    if (edited !== null) {
      this.#draft = edited;
      return;
    }
    if (key.kind !== "key") return;
    switch (key.name) {
      case "enter":
        if (cursor === text.length && text.endsWith("\\")) this.#draft = draftOf(`${text.slice(0, -1)}\n`);
        else this.#send("next_step");
        return;
      case "tab": {
        const [command] = text.startsWith("/") ? commandsFor(text) : [];
        if (command !== undefined) this.#draft = draftOf(`/${command.name} `);
        else if (working) this.#send("next_turn");
        return;
      }
      case "up":
        this.#replace(this.#history.older(text));
        return;
      case "down":
        this.#replace(this.#history.newer());
        return;
      case "end_of_input":
        this.#draft = edit(this.#draft, { kind: "key", name: "delete" }) ?? this.#draft;
        return;
      default:
        return;
    }
  }

  rows(options: {
    size: Size;
    working: boolean;
    unheard: readonly Said[];
    commandsFor: CommandsFor;
  }): string[] {
    const { size, working, unheard, commandsFor } = options;
    const { dim, tool, claimed } = this.#style;
    const { text } = this.#draft;
    const height = Math.max(1, Math.min(8, Math.floor(size.rows / 3)));
    const input = inputRows(this.#draft, { width: size.columns - 3, height });
    const said = unheard.slice(-SHOWN).map((one) => {
      const when = one.hears === "next_step" ? "heard at the next call" : "for the next turn";
      return claimed(`⧖ queued, ${when}: ${withoutControls(one.text).split("\n")[0]}`);
    });
    const commands = text.startsWith("/") ? commandsFor(text).slice(0, SHOWN) : [];
    return [
      ...said,
      ...input.map((row, index) => `${index === 0 ? tool("› ") : "  "}${row}`),
      ...(commands.length > 0
        ? commands.map(({ name, help }) => dim(`  /${name.padEnd(8)} ${help}`))
        : [dim(text === "" || !working ? hint(working) : "enter says it now · tab: next turn · esc stops")]),
    ];
  }

  #send(hears: Said["hears"]): void {
    const text = this.#draft.text.trim();
    if (text === "") return;
    this.#draft = EMPTY_DRAFT;
    this.#history.add(text);
    this.#say(text, hears);
  }

  #replace(text: string | null): void {
    if (text !== null) this.#draft = draftOf(text);
  }
}

function hint(working: boolean): string {
  return working ? "esc stops · write to steer · /help" : "enter sends · alt-enter: new line · /help";
}
