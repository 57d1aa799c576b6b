import type { Token } from "node-llama-cpp";
import type { CacheBreakpoint } from "../../../cache/cache-plan.ts";
import { orAborted } from "../../../streaming/or-aborted.ts";
import { keptTokens, SHORTEST_PIECE } from "../generation/prompt-pieces.ts";
import { commonLength } from "../sequences/choose-seat.ts";
import type { Seat } from "../sequences/seats.ts";
import { type RestoreResult, restoreBlocks, restoreBoundary } from "../state/format/restore-state.ts";
import { type SavedState, saveState } from "../state/format/save-state.ts";
import type { ScratchFile } from "../state/format/scratch-file.ts";
import { BLOCK_TOKENS, type StateKind, type StateShape } from "../state/format/state-shape.ts";
import type { StoredPiece } from "../state/store/piece.ts";
import type { PrefixStore } from "../state/store/prefix-store.ts";
import { FirstTokens } from "./first-tokens.ts";
import { type ReadingPrompt, ReadingPrompts } from "./reading-prompts.ts";
import { RestoreCost } from "./restore-cost.ts";

export interface PromptMemoryOptions {
  /** The states of the model's prompts in one workspace. */
  readonly storeOf: (workspace: string) => PrefixStore;
  /** Of the model's context; null where its states are not understood. */
  readonly shape: StateShape | null;
  readonly kind: StateKind;
  /** Whether a sequence can be taken back to any of its tokens; recurrent layers know only where they are. */
  readonly isRewindable: boolean;
  readonly file: ScratchFile;
  readonly onPlaced?: (placed: PlacedPrompt) => void;
  /** Told what went wrong where a state could not be saved or restored; answers go on without. */
  readonly warn: (message: string) => void;
}

/** What need not be read of a prompt; the rest of its tokens are about to be. */
export interface PlacedPrompt {
  readonly workspace: string;
  readonly tokens: number;
  /** From the beginning: what the sequence held itself. */
  readonly held: number;
  /** From the beginning: what came from the store; then `held` is 0. */
  readonly restored: number;
  /** Of the restored tokens, those whose state was on disk only. */
  readonly fromDisk: number;
  /** What that took, with reading it from disk; 0 where nothing was restored. */
  readonly restoreMs: number;
}

export interface PromptOwner {
  readonly workspace: string;
  readonly signal: AbortSignal;
}

/** What the prompt cache has promised to keep, and until when (in milliseconds since 1970). */
export interface Promised {
  readonly breakpoints: readonly Pick<CacheBreakpoint, "tokens" | "ttl">[];
  readonly until: (ttl: CacheBreakpoint["ttl"]) => number;
}

/** Fewer new tokens are not worth a save, which writes the whole sequence. */
const LEAST_SAVED = 64;

/**
 * What need not be read of a prompt, because it was read before: by the sequence itself, or by any other whose state is in
 * the store. A state is what reading the same tokens would give, bit for bit, so that no answer depends on it. Whatever
 * is wrong with one is a miss.
 */
export class PromptMemory {
  readonly cost: RestoreCost = new RestoreCost();
  readonly firstTokens: FirstTokens = new FirstTokens();
  readonly #readings = new ReadingPrompts();
  readonly #options: PromptMemoryOptions;

  constructor(options: PromptMemoryOptions) {
    this.#options = options;
  }

  /**
   * Says that a prompt is going to be read, once nobody else is reading more of it than the seat and the store have.
   * Settle it when what was read is kept. Rejects when `signal` aborts.
   */
  async begin(
    seat: Seat,
    prompt: readonly Token[],
    { workspace, signal }: PromptOwner,
  ): Promise<ReadingPrompt> {
    for (;;) {
      const held = this.#heldNow(seat, prompt, workspace);
      const other = this.#readings.sharing(workspace, prompt, held + BLOCK_TOKENS);
      if (!other || this.#options.kind === "none") return this.#readings.begin(workspace, prompt);
      await orAborted(other.settled, signal);
    }
  }

  /**
   * Where reading has to pause, so that the state there can be kept: for models whose state cannot be cut, at what the
   * cache has promised to keep and short of the end, where the same prompt can go on.
   */
  pauses(prompt: readonly Token[], promised: Promised | null): readonly number[] {
    if (this.#options.kind !== "boundary") return [];
    const last = prompt.length - SHORTEST_PIECE;
    const wanted = [...(promised?.breakpoints.map(({ tokens }) => tokens) ?? []), last];
    return [...new Set(wanted)].filter((at) => at > 0 && at <= last).sort((a, b) => a - b);
  }

  /**
   * Brings a seat to where it holds a beginning of the prompt and nothing else, and says how many tokens that is. At least
   * {@link SHORTEST_PIECE} tokens are left to read; none where `isEndKnown` and all of the prompt is there.
   */
  async place(
    seat: Seat,
    prompt: readonly Token[],
    { isEndKnown = false, ...owner }: PromptOwner & { readonly isEndKnown?: boolean },
  ): Promise<number> {
    const held = this.#heldBy(seat, prompt, isEndKnown);
    const found = this.#find(prompt, owner.workspace, isEndKnown);
    const placed = { workspace: owner.workspace, tokens: prompt.length };
    if (found !== null && found.length > held && this.cost.pays(offerOf(found, held))) {
      const fromDisk = tokensOnDisk(found);
      const began = performance.now();
      const isRestored = await this.#restore(seat, prompt.slice(0, found.length), { found, owner });
      if (isRestored) {
        const restoreMs = performance.now() - began;
        this.#options.onPlaced?.({ ...placed, held: 0, restored: found.length, fromDisk, restoreMs });
        return found.length;
      }
    }
    const kept = keptTokens(commonWith(seat, prompt), prompt.length, { isEndKnown });
    // Of a sequence that is merely taken back to its beginning the library keeps checkpoints.
    if (kept === 0) await seat.sequence.clearHistory();
    else await seat.sequence.adaptStateToTokens(prompt.slice(0, kept), false);
    const { nextTokenIndex } = seat.sequence;
    seat.hasRead(nextTokenIndex);
    this.#options.onPlaced?.({ ...placed, held: nextTokenIndex, restored: 0, fromDisk: 0, restoreMs: 0 });
    return nextTokenIndex;
  }

  /**
   * How many tokens of a prompt need not be read if it comes to this seat, or to an empty one: what the seat, the store or
   * somebody who is reading them now has. The last {@link SHORTEST_PIECE} tokens before the end of that count with it: as
   * many can be read again even where nothing was lost. Nothing is reserved: what is evicted before the prompt comes is
   * read again.
   */
  held(prompt: readonly Token[], { seat, workspace }: { seat: Seat | null; workspace: string }): number {
    const held = this.#heldNow(seat, prompt, workspace);
    const reading = this.#options.kind === "none" ? null : this.#readings.sharing(workspace, prompt, held);
    const reached = keptTokens(Math.max(held, reading?.length ?? 0), prompt.length);
    return reached === 0 ? 0 : reached + SHORTEST_PIECE;
  }

  /** Keeps the state of the prompt, of which the seat has read the first `length` tokens. Never fails. */
  async keep(
    seat: Seat,
    prompt: readonly Token[],
    {
      length,
      promised,
      ...owner
    }: PromptOwner & { readonly length: number; readonly promised: Promised | null },
  ): Promise<void> {
    const { kind, storeOf, warn } = this.#options;
    if (kind === "none" || seat.isForgotten) return;
    const store = storeOf(owner.workspace);
    const tokens = prompt.slice(0, length) as readonly number[];
    try {
      if (kind === "blocks") await this.#keepBlocks(seat, tokens, store);
      else await this.#keepBoundary(seat, tokens, store);
      if (promised) promise(store, prompt as readonly number[], promised);
    } catch (error) {
      warn(`The state of a prompt is not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #heldNow(seat: Seat | null, prompt: readonly Token[], workspace: string): number {
    const bySeat = seat ? this.#heldBy(seat, prompt) : 0;
    return Math.max(bySeat, this.#find(prompt, workspace)?.length ?? 0);
  }

  /** What the seat can surely go on from. */
  #heldBy(seat: Seat, prompt: readonly Token[], isEndKnown = false): number {
    const kept = keptTokens(commonWith(seat, prompt), prompt.length, { isEndKnown });
    return this.#options.isRewindable || kept === seat.sequence.nextTokenIndex ? kept : 0;
  }

  #find(prompt: readonly Token[], workspace: string, isEndKnown = false): Found | null {
    const { kind, storeOf } = this.#options;
    if (kind === "none") return null;
    const { length, blocks, boundaries } = storeOf(workspace).find(prompt as readonly number[]);
    if (kind === "blocks") {
      const kept = keptTokens(length, prompt.length, { isEndKnown });
      return kept === 0 ? null : { kind, length: kept, pieces: blocks.filter(({ start }) => start < kept) };
    }
    const boundary = boundaries.findLast(({ end }) => end <= keptTokens(end, prompt.length, { isEndKnown }));
    return boundary ? { kind, length: boundary.end, pieces: [boundary] } : null;
  }

  async #restore(
    seat: Seat,
    prefix: readonly Token[],
    { found, owner }: { readonly found: Found; readonly owner: PromptOwner },
  ): Promise<boolean> {
    const { shape, file, storeOf, warn } = this.#options;
    if (!shape) return false;
    using lease = await storeOf(owner.workspace).read(found.pieces, { signal: owner.signal });
    if (lease.states.length < found.pieces.length) return false;
    const began = performance.now();
    const options = {
      sequence: seat.sequence,
      shape,
      file,
      tokens: Uint32Array.from(prefix),
      signal: owner.signal,
    };
    const result: RestoreResult =
      found.kind === "blocks"
        ? await restoreBlocks({ ...options, blocks: lease.states })
        : await restoreBoundary({ ...options, blob: lease.states[0] ?? new Uint8Array() });
    if (result.kind === "restored") {
      seat.wasRestored(prefix.length, result.floor);
      this.cost.sawRestoring(sizeOf(found.pieces), performance.now() - began);
      return true;
    }
    warn(`A kept prompt cannot be used and is read anew: ${result.error.message}`);
    if (result.kind === "broken") await seat.renew();
    return false;
  }

  async #keepBlocks(seat: Seat, tokens: readonly number[], store: PrefixStore): Promise<void> {
    const from = store.missing(tokens);
    if (tokens.length - from < LEAST_SAVED) return;
    await this.#save(seat, async (saved) => {
      const blocks = await saved.blocks({ from, to: tokens.length });
      if (!seat.isForgotten) store.add(tokens, blocks, { from });
    });
  }

  async #keepBoundary(seat: Seat, tokens: readonly number[], store: PrefixStore): Promise<void> {
    const { boundaries } = store.find(tokens);
    if (tokens.length - (boundaries.at(-1)?.end ?? 0) < LEAST_SAVED) return;
    await this.#save(seat, async (saved) => {
      const boundary = await saved.boundary();
      if (!seat.isForgotten) store.addBoundary(tokens, boundary);
    });
  }

  async #save(seat: Seat, read: (saved: SavedState) => Promise<void>): Promise<void> {
    const { shape, file } = this.#options;
    if (!shape) return;
    // Whoever asked may leave: what was computed is kept all the same.
    const { signal } = new AbortController();
    await saveState({ sequence: seat.sequence, shape, file, signal }, read);
  }
}

interface Found {
  readonly kind: "blocks" | "boundary";
  readonly length: number;
  readonly pieces: readonly StoredPiece[];
}

/** How many tokens of the prompt the seat has read itself. Tokens that the model wrote were rounded differently. */
function commonWith(seat: Seat, prompt: readonly Token[]): number {
  const common = Math.min(seat.readTokens, commonLength(seat.sequence.contextTokens, prompt));
  return common < seat.floor ? 0 : common;
}

function offerOf(
  { length, pieces }: Found,
  held: number,
): { tokens: number; bytes: number; diskBytes: number } {
  const diskBytes = sizeOf(pieces.filter(({ isInMemory }) => !isInMemory));
  return { tokens: length - held, bytes: sizeOf(pieces), diskBytes };
}

function tokensOnDisk({ length, pieces }: Found): number {
  const onDisk = pieces.filter(({ isInMemory }) => !isInMemory);
  return onDisk.reduce((sum, { start, end }) => sum + Math.min(end, length) - start, 0);
}

function sizeOf(pieces: readonly StoredPiece[]): number {
  return pieces.reduce((sum, { size }) => sum + size, 0);
}

function promise(store: PrefixStore, prompt: readonly number[], { breakpoints, until }: Promised): void {
  for (const { tokens, ttl } of breakpoints) {
    const { blocks, boundaries } = store.find(prompt.slice(0, tokens));
    store.touch([...blocks, ...boundaries], { until: until(ttl) });
  }
}
