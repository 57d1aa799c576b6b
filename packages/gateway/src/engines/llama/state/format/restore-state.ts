import type { LlamaContextSequence } from "node-llama-cpp";
import { frameBlocks, type StateBlock } from "./blocks.ts";
import { type BoundaryState, frameBoundary } from "./boundary.ts";
import { sameTokens } from "./same-tokens.ts";
import { type ScratchFile, writeWhole } from "./scratch-file.ts";
import { StateError } from "./state-error.ts";
import type { StateShape } from "./state-shape.ts";

export type RestoreResult =
  | {
      readonly kind: "restored";
      /**
       * The sequence may be taken back to this number of tokens and not further: what came before is in no state. A
       * prompt that shares less has to be read from its beginning, whatever llama.cpp says that it could keep.
       */
      readonly floor: number;
    }
  /** Nothing was loaded, and the sequence is as it was. */
  | { readonly kind: "refused"; readonly error: StateError }
  /** Nobody knows what the sequence holds: dispose of it and take a new one. Clearing its history does not help. */
  | { readonly kind: "broken"; readonly error: StateError };

export interface RestoreOptions {
  readonly sequence: LlamaContextSequence;
  /** Of the context that the sequence belongs to. */
  readonly shape: StateShape;
  readonly file: ScratchFile;
  /** The tokens that the sequence holds afterwards. What it held before is gone. */
  readonly tokens: Uint32Array;
  /** Throws its reason before anything is loaded; a load that has begun ends by itself. */
  readonly signal: AbortSignal;
}

/** Puts blocks into a sequence: those of all the tokens, from the first on. The last may hold more than is wanted. */
export function restoreBlocks(
  options: RestoreOptions & { readonly blocks: readonly StateBlock[] },
): Promise<RestoreResult> {
  return restore(options, { floor: 0, frame: () => frameBlocks(options) });
}

/**
 * Puts a whole state into a sequence, which can go on only behind the last of its tokens. The context of a model with
 * a window must have been made with `swaFullCache: true`.
 */
export function restoreBoundary(
  options: RestoreOptions & { readonly blob: BoundaryState },
): Promise<RestoreResult> {
  return restore(options, { floor: options.tokens.length, frame: () => frameBoundary(options) });
}

interface Restoration {
  readonly floor: number;
  readonly frame: () => readonly Uint8Array[];
}

async function restore(
  { sequence, file, tokens, signal }: RestoreOptions,
  { floor, frame }: Restoration,
): Promise<RestoreResult> {
  return file.use(
    async (handle): Promise<RestoreResult> => {
      try {
        // One place is kept for the next token.
        if (tokens.length >= sequence.contextSize) {
          throw new StateError(
            "too_long",
            `${tokens.length} tokens are too many for ${sequence.contextSize}`,
          );
        }
        await writeWhole(handle, frame());
      } catch (error) {
        if (error instanceof StateError) return { kind: "refused", error };
        throw error;
      }
      signal.throwIfAborted();
      const error = await load(sequence, { path: file.path, tokens });
      return error ? { kind: "broken", error } : { kind: "restored", floor };
    },
    { signal },
  );
}

async function load(
  sequence: LlamaContextSequence,
  { path, tokens }: { readonly path: string; readonly tokens: Uint32Array },
): Promise<StateError | null> {
  try {
    // Loading alone keeps checkpoints of what the sequence held, and going back to one brings that conversation back.
    await sequence.clearHistory();
    await sequence.loadStateFromFile(path, { acceptRisk: true });
  } catch (error) {
    return new StateError("not_loaded", "llama.cpp refused the state", { cause: error });
  }
  if (sequence.nextTokenIndex !== tokens.length || !sameTokens(sequence.contextTokens, tokens)) {
    return new StateError("not_loaded", "the sequence does not hold the tokens that were loaded");
  }
  const last = lastPosition(sequence);
  if (last === tokens.length - 1) return null;
  return new StateError("not_loaded", `the last cell is at ${last}, not ${tokens.length - 1}`);
}

/**
 * The position of the last cell that llama.cpp has for the sequence. The library counts the tokens of a file without
 * looking at the cells, and shows no public way to these.
 */
function lastPosition(sequence: LlamaContextSequence): number {
  const { _context, _sequenceId } = sequence as unknown as InnerSequence;
  return _context._ctx.getSequenceKvCacheMaxPosition(_sequenceId);
}

interface InnerSequence {
  readonly _sequenceId: number;
  readonly _context: { readonly _ctx: { getSequenceKvCacheMaxPosition(sequence: number): number } };
}
