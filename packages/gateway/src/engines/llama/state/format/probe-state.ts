import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { learnShape } from "./parse-state.ts";
import { saveTo } from "./save-state.ts";
import type { ScratchFile } from "./scratch-file.ts";
import { StateError } from "./state-error.ts";
import type { StateShape } from "./state-shape.ts";

export interface ProbeOptions {
  /** Must be empty, and is empty afterwards. */
  readonly sequence: LlamaContextSequence;
  /** Any token of the model. */
  readonly token: Token;
  /** The context's number of sequences. */
  readonly streams: number;
  readonly file: ScratchFile;
  readonly signal: AbortSignal;
}

/**
 * Learns how a context lays out its states by having it evaluate and save two tokens. Null when the layout is not
 * understood; throws when llama.cpp cannot do it.
 */
export async function probeState(options: ProbeOptions): Promise<StateShape | null> {
  const { sequence, token, streams, file, signal } = options;
  if (sequence.nextTokenIndex !== 0) throw new Error("A sequence that holds tokens cannot be probed");
  return file.use(
    async (handle) => {
      // At the second position, unlike at the first, a position can be told from a zero.
      await sequence.evaluateWithoutGeneratingNewTokens([token, token]);
      try {
        await saveTo(file.path, sequence);
        return await learnShape(handle, { streams, mostTokens: 2 });
      } catch (error) {
        if (error instanceof StateError && error.code === "unsupported") return null;
        throw error;
      } finally {
        await sequence.clearHistory();
      }
    },
    { signal },
  );
}
