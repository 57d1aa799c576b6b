import type { MessagesRequest } from "@ml-intern/messages";
import type { Random } from "@ml-intern/testkit";
import { editedText, randomText } from "./random-text.ts";

/** A request, and what becomes of whoever sent it. */
export interface FuzzRequest {
  readonly request: MessagesRequest;
  readonly leaves: Leaving | null;
}

/** A client that hangs up after some milliseconds, or one that stops reading after some events. */
export type Leaving =
  | { readonly kind: "aborts"; readonly afterMs: number }
  | { readonly kind: "returns"; readonly afterEvents: number };

/** Longer conversations begin anew, so that prompts fit the window and reading stays quick. */
const LONGEST = 2600;
const TOOL = {
  name: "look_up",
  description: "Looks a word up",
  input_schema: { type: "object" as const, properties: { word: { type: "string" } }, required: ["word"] },
};

/** A conversation that goes on, goes back, is edited, asks for several answers at once, and sometimes leaves. */
export class RandomConversation {
  readonly workspace: string;
  /** How many more times it asks. */
  turns: number;
  readonly #random: Random;
  readonly #system: string | null;
  readonly #hasTools: boolean;
  /** What was said, by turns, the person's first; each version can be gone back to. */
  readonly #versions: (readonly string[])[];

  constructor(
    random: Random,
    { workspaces, systems }: { readonly workspaces: readonly string[]; readonly systems: readonly string[] },
  ) {
    this.#random = random;
    this.workspace = random.pick(workspaces);
    this.turns = 2 + random.below(4);
    this.#system = random.oneIn(4) ? null : random.pick(systems);
    this.#hasTools = random.oneIn(8);
    this.#versions = [[this.#said()]];
  }

  /** What is asked next, all of it at once. */
  next(): readonly FuzzRequest[] {
    const random = this.#random;
    this.turns--;
    const said = this.#versions.at(-1) ?? [];
    if (random.oneIn(6)) {
      // Sub-agents: the same beginning, several endings.
      const count = 2 + random.below(3);
      return Array.from({ length: count }, () => this.#ask([...said.slice(0, -1), this.#said()]));
    }
    return [this.#ask(said)];
  }

  /** The person's next words, or other ones instead of earlier ones. `text` is the answer to the last request, when it had one. */
  goOn(text: string | null): void {
    const random = this.#random;
    const said = this.#versions.at(-1) ?? [];
    const kind = random.below(10);
    const madeUp = randomText(random, 5 + random.below(60));
    if (kind === 0) return; // the same again
    if (kind === 1) this.#versions.push(random.pick(this.#versions));
    else if (kind === 2) {
      const at = random.below(said.length);
      this.#versions.push(said.map((each, index) => (index === at ? editedText(random, each) : each)));
    } else if (kind === 3) {
      const turns = random.below((said.length + 1) / 2);
      this.#versions.push([...said.slice(0, 2 * turns), this.#said()]);
    } else {
      const next = [...said, text || madeUp, this.#said()];
      const length = next.reduce((sum, each) => sum + each.length, this.#system?.length ?? 0);
      this.#versions.push(length > LONGEST ? [this.#said()] : next);
    }
  }

  #said(): string {
    const random = this.#random;
    const limit = random.pick([40, 150, 400, 900]);
    return randomText(random, 1 + random.below(limit));
  }

  #ask(said: readonly string[]): FuzzRequest {
    const random = this.#random;
    const marksSystem = random.oneIn(3);
    const marked = random.oneIn(2) ? random.below(said.length) : null;
    const messages = said.map((text, index) => ({
      role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
      content: [{ type: "text" as const, text, ...(index === marked ? this.#marker() : {}) }],
    }));
    const request: MessagesRequest = {
      model: "tiny",
      max_tokens: random.oneIn(20) ? 0 : 1 + random.below(16),
      temperature: 0,
      messages,
      ...(this.#system === null
        ? {}
        : {
            system: [{ type: "text" as const, text: this.#system, ...(marksSystem ? this.#marker() : {}) }],
          }),
      ...(this.#hasTools ? { tools: [TOOL] } : {}),
    };
    const calls = this.#hasTools && request.max_tokens > 0 && random.oneIn(2);
    const asked = calls ? { ...request, tool_choice: { type: "any" as const } } : request;
    return { request: asked, leaves: random.oneIn(7) ? this.#leaving() : null };
  }

  #marker(): { readonly cache_control: { readonly type: "ephemeral"; readonly ttl: "5m" | "1h" } } {
    return { cache_control: { type: "ephemeral", ttl: this.#random.pick(["5m", "1h"]) } };
  }

  #leaving(): Leaving {
    const random = this.#random;
    return random.oneIn(3)
      ? { kind: "returns", afterEvents: 1 + random.below(5) }
      : { kind: "aborts", afterMs: random.below(80) };
  }
}
