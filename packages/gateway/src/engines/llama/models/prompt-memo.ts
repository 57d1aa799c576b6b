import { commonBeginning } from "./common-beginning.ts";
import { MARGIN } from "./tokenize-in-pieces.ts";
import type { TokenizedText } from "./tokenized-text.ts";

/** What a prompt and another have in common from their beginning. */
export interface Shared {
  /** Pieces that are the same. */
  readonly pieces: number;
  /** Characters of the piece behind them. */
  readonly characters: number;
}

export interface Known {
  readonly pieces: readonly TokenizedText[];
  readonly shared: Shared;
}

export interface PromptMemoOptions {
  /** Default 64 MiB. */
  readonly mostBytes?: number;
  /** Default 256. */
  readonly mostPrompts?: number;
}

interface Kept {
  readonly workspace: string;
  readonly pieces: readonly TokenizedText[];
  readonly bytes: number;
}

const MOST_BYTES = 64 * 2 ** 20;
const MOST_PROMPTS = 256;
/** Shorter prompts are tokenized sooner than they are looked up. */
const LEAST_CHARACTERS = 4 * MARGIN;
/** One prompt may take this part of the room. */
const LARGEST_SHARE = 1 / 4;

/**
 * The last prompts and their tokens, under one bound: what has not been used for longest goes. A workspace finds its
 * own prompts only, so that the time that a prompt takes tells nothing about what others ask. A conversation takes the
 * room of its last turn, since that begins with the ones before.
 */
export class PromptMemo {
  readonly #mostBytes: number;
  readonly #mostPrompts: number;
  /** Those used last at the end. */
  readonly #kept = new Set<Kept>();
  #bytes = 0;

  constructor({ mostBytes = MOST_BYTES, mostPrompts = MOST_PROMPTS }: PromptMemoOptions = {}) {
    this.#mostBytes = mostBytes;
    this.#mostPrompts = mostPrompts;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The prompt of this workspace that has the longest beginning in common with the new one. */
  find(workspace: string, pieces: readonly string[]): Known | null {
    let best: { readonly kept: Kept; readonly shared: Shared; readonly length: number } | null = null;
    for (const kept of this.#kept) {
      if (kept.workspace !== workspace) continue;
      const shared = sharedBeginning(kept.pieces, pieces);
      const length = lengthOf(pieces.slice(0, shared.pieces)) + shared.characters;
      if (length > (best?.length ?? 0)) best = { kept, shared, length };
    }
    if (best === null) return null;
    this.#kept.delete(best.kept);
    this.#kept.add(best.kept);
    return { pieces: best.kept.pieces, shared: best.shared };
  }

  /** Keeps a prompt, and lets those go that it makes superfluous. */
  keep(workspace: string, pieces: readonly TokenizedText[]): void {
    const texts = pieces.map(({ text }) => text);
    const bytes = pieces.reduce((sum, piece) => sum + bytesOf(piece), 0);
    if (lengthOf(texts) < LEAST_CHARACTERS || bytes > this.#mostBytes * LARGEST_SHARE) return;
    for (const kept of this.#kept) {
      if (kept.workspace === workspace && isCovered(kept.pieces, texts)) this.#drop(kept);
    }
    this.#kept.add({ workspace, pieces, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#kept) {
      if (this.#bytes <= this.#mostBytes && this.#kept.size <= this.#mostPrompts) break;
      this.#drop(oldest);
    }
  }

  /** Null stands for every workspace. */
  forget(workspace: string | null): void {
    for (const kept of this.#kept) if (workspace === null || kept.workspace === workspace) this.#drop(kept);
  }

  #drop(kept: Kept): void {
    if (this.#kept.delete(kept)) this.#bytes -= kept.bytes;
  }
}

export function sharedBeginning(known: readonly TokenizedText[], pieces: readonly string[]): Shared {
  const differs = pieces.findIndex((piece, index) => piece !== known[index]?.text);
  const same = differs < 0 ? pieces.length : differs;
  return { pieces: same, characters: commonBeginning(known[same]?.text ?? "", pieces[same] ?? "") };
}

/** Whether all but the end of a prompt is the beginning of another. */
function isCovered(known: readonly TokenizedText[], texts: readonly string[]): boolean {
  const { pieces, characters } = sharedBeginning(known, texts);
  const rest = lengthOf(known.slice(pieces).map(({ text }) => text)) - characters;
  return rest <= MARGIN;
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}

/** An upper bound: most texts take one byte a character. */
function bytesOf({ text, tokens, cuts }: TokenizedText): number {
  return 2 * text.length + tokens.byteLength + 64 * cuts.length + 256;
}
