import type { Token } from "node-llama-cpp";
import { commonLength } from "../sequences/choose-seat.ts";

/** A prompt that is being read. */
export interface ReadingPrompt {
  /** What was read of it is kept by now, or will never be. */
  settle(): void;
}

interface Reading {
  readonly workspace: string;
  readonly prompt: readonly Token[];
  readonly settled: Promise<void>;
}

/**
 * The prompts that are being read. Who comes with one that begins alike waits for that work instead of doing it again:
 * four sub-agents of one conversation, or a client that lost patience and asks anew.
 */
export class ReadingPrompts {
  readonly #readings = new Set<Reading>();

  begin(workspace: string, prompt: readonly Token[]): ReadingPrompt {
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const reading: Reading = { workspace, prompt, settled };
    this.#readings.add(reading);
    return {
      settle: () => {
        this.#readings.delete(reading);
        settle();
      },
    };
  }

  /** The prompt that is being read and shares the most with this one, if that is more than `least` tokens. */
  sharing(
    workspace: string,
    prompt: readonly Token[],
    least: number,
  ): { readonly length: number; readonly settled: Promise<void> } | null {
    let best: { readonly length: number; readonly settled: Promise<void> } | null = null;
    for (const reading of this.#readings) {
      if (reading.workspace !== workspace) continue;
      const length = commonLength(reading.prompt, prompt);
      if (length > (best?.length ?? least)) best = { length, settled: reading.settled };
    }
    return best;
  }
}
