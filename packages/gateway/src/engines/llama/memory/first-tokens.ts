import { createHash } from "node:crypto";
import type { Token } from "node-llama-cpp";
import type { Sampling } from "../generation/sampling.ts";

/** Prompts whose first tokens are remembered; each takes about 200 bytes. */
const KEPT = 4096;

/** What the first token of an answer is drawn from. */
export interface AnswerBeginning {
  readonly workspace: string;
  readonly prompt: readonly Token[];
  /** Everything that the draw depends on besides the prompt. */
  readonly sampling: Sampling;
}

/** A token, or null where the model ended its answer at once. */
export type FirstToken = { readonly token: Token | null };

/**
 * First tokens of answers, drawn when the end of a prompt was read and not given to anybody yet. Who comes with the same
 * prompt again, and finds all of its state, has nothing to read at all: without them the last piece would have to be read
 * once more, just to know what follows it. Each draw is independent and given out once, so that answers are as random as
 * they would be without; where nothing is random, the same token serves everybody.
 */
export class FirstTokens {
  readonly #draws = new Map<string, readonly FirstToken[]>();

  keep(beginning: AnswerBeginning, draws: readonly FirstToken[]): void {
    if (draws.length === 0) return;
    const key = keyOf(beginning);
    this.#draws.delete(key);
    this.#draws.set(key, draws);
    for (const oldest of this.#draws.keys()) {
      if (this.#draws.size <= KEPT) break;
      this.#draws.delete(oldest);
    }
  }

  /** Null stands for every workspace. */
  forget(workspace: string | null): void {
    const beginning = workspace === null ? "" : nameOf(workspace);
    for (const key of this.#draws.keys()) if (key.startsWith(beginning)) this.#draws.delete(key);
  }

  has(beginning: AnswerBeginning): boolean {
    return this.#draws.has(keyOf(beginning));
  }

  /** Gives out a draw, if there is one. */
  take(beginning: AnswerBeginning): FirstToken | null {
    const key = keyOf(beginning);
    const draws = this.#draws.get(key);
    const first = draws?.[0];
    if (!draws || !first) return null;
    this.#draws.delete(key);
    const rest = isDetermined(beginning.sampling) ? draws : draws.slice(1);
    if (rest.length > 0) this.#draws.set(key, rest);
    return first;
  }
}

/** Whether the same prompt gives the same token each time. */
export function isDetermined({ temperature, seed }: Sampling): boolean {
  return temperature === 0 || seed !== null;
}

function keyOf({ workspace, prompt, sampling }: AnswerBeginning): string {
  const { temperature, topP, topK, seed } = sampling;
  const settings = temperature === 0 ? [0] : [temperature, topP, topK, seed];
  const digest = createHash("sha256")
    .update(JSON.stringify(settings))
    .update(Uint32Array.from(prompt))
    .digest("base64");
  return `${nameOf(workspace)}${digest}`;
}

/** No name is the beginning of another one. */
function nameOf(workspace: string): string {
  return `${JSON.stringify(workspace)} `;
}
