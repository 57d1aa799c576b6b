import type { AnswerPart } from "../chat-format.ts";

/** Collects the parts of an answer. White space leaves only when something follows it that it separates. */
export class AnswerWriter {
  #parts: AnswerPart[] = [];
  #held = "";
  #kind: "text" | "thinking" | "call" = "text";
  /** Whether the block at hand has anything in it yet. */
  #hasContent: boolean;

  /** `continues`: the text goes on from what the prompt holds, so that white space at its start belongs to it. */
  constructor({ continues }: { readonly continues: boolean }) {
    this.#hasContent = continues;
  }

  get place(): "text" | "thinking" | "call" {
    return this.#kind;
  }

  /** Whether text was written since the answer began, or since its last call. */
  get hasText(): boolean {
    return this.#kind === "text" && this.#hasContent;
  }

  text(text: string): void {
    this.#write("text", text);
  }

  thinking(text: string): void {
    this.#write("thinking", text);
  }

  /** Says where the answer is, before the first character there. */
  enter(kind: "text" | "thinking" | "call"): void {
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#held = "";
    this.#hasContent = false;
  }

  part(part: AnswerPart): void {
    const last = this.#parts.at(-1);
    if (last && "text" in last && "text" in part && last.type === part.type) {
      this.#parts[this.#parts.length - 1] = { ...last, text: last.text + part.text };
    } else {
      this.#parts.push(part);
    }
  }

  /** Lets go of white space that is held back, when no more text comes. */
  flush(): void {
    if (this.#hasContent && this.#held !== "" && this.#kind === "text") {
      this.part({ type: "text", text: this.#held });
    }
    this.#held = "";
  }

  /** The parts since the last time. */
  take(): readonly AnswerPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  #write(kind: "text" | "thinking", text: string): void {
    this.enter(kind);
    const content = this.#hasContent ? text : text.trimStart();
    if (content === "") return;
    const end = content.trimEnd().length;
    if (end === 0) {
      this.#held += content;
      return;
    }
    this.part({ type: kind, text: this.#held + content.slice(0, end) });
    this.#held = content.slice(end);
    this.#hasContent = true;
  }
}
