import type { LlamaContextSequence } from "node-llama-cpp";
import { readBlocks, type StateBlock } from "./blocks.ts";
import { type BoundaryState, readBoundary } from "./boundary.ts";
import { parseState } from "./parse-state.ts";
import { sameTokens } from "./same-tokens.ts";
import type { ScratchFile } from "./scratch-file.ts";
import { StateError } from "./state-error.ts";
import type { StateShape } from "./state-shape.ts";

/** What a sequence held when it was saved. It can be read until the function that got it returns. */
export interface SavedState {
  readonly tokens: Uint32Array;
  /** The blocks of the tokens `from` to `to`; see {@link readBlocks}. Only for models whose state can be cut. */
  blocks(range: { readonly from: number; readonly to: number }): Promise<readonly StateBlock[]>;
  /** All of it, for any model. */
  boundary(): Promise<BoundaryState>;
}

export interface SaveStateOptions {
  readonly sequence: LlamaContextSequence;
  readonly shape: StateShape;
  readonly file: ScratchFile;
  /** Whoever has left when the file is free saves nothing; a save that has begun ends by itself. */
  readonly signal: AbortSignal;
}

/**
 * Saves what a sequence holds, and passes it on to be read. Throws a {@link StateError} when it cannot be saved or is
 * not what the sequence says it holds; the sequence itself is as it was.
 */
export async function saveState<T>(
  { sequence, shape, file, signal }: SaveStateOptions,
  read: (saved: SavedState) => Promise<T>,
): Promise<T> {
  return file.use(
    async (handle) => {
      const held = sequence.contextTokens;
      await saveTo(file.path, sequence);
      const parsed = await parseState(handle, { shape, mostTokens: sequence.contextSize });
      if (!sameTokens(parsed.tokens, held)) {
        throw new StateError("not_saved", "the sequence went on while it was saved");
      }
      return read({
        tokens: parsed.tokens,
        blocks: ({ from, to }) => readBlocks(handle, { shape, parsed, from, to }),
        boundary: () => readBoundary(handle, { shape, parsed }),
      });
    },
    { signal },
  );
}

/** llama.cpp's own save, into a file that is open already. */
export async function saveTo(path: string, sequence: LlamaContextSequence): Promise<void> {
  await sequence.saveStateToFile(path).catch((error: unknown) => {
    throw new StateError("not_saved", "llama.cpp could not save the sequence", { cause: error });
  });
}
