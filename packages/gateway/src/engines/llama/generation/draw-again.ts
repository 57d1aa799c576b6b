import type { LlamaContextSequence } from "node-llama-cpp";
import type { FirstToken } from "../memory/first-tokens.ts";
import { drawing, type Sampling } from "./sampling.ts";

/**
 * Draws more tokens from what the sequence has just computed, as independent of each other as those of different answers.
 * To be called before anything else is evaluated in its context. Gives none where the library does not let us.
 */
export async function drawAgain(
  sequence: LlamaContextSequence,
  sampling: Sampling,
  count: number,
): Promise<readonly FirstToken[]> {
  const { _context, _resolveSamplerConfig } = sequence as unknown as InnerSequence;
  const { model } = _context;
  const sampler = new model._llama._bindings.AddonSampler(model._model);
  try {
    sampler.applyConfig(_resolveSamplerConfig.call(sequence, drawing(sampling)));
    const draws: FirstToken[] = [];
    while (draws.length < count) {
      const token = await _context._ctx.sampleToken(NEWEST, sampler);
      if (token < 0) return [];
      draws.push({ token: model.isEogToken(token) ? null : token });
    }
    return draws;
  } catch {
    return [];
  } finally {
    sampler.dispose();
  }
}

/** llama.cpp counts from the end of what it has computed. */
const NEWEST = -1;

/** What node-llama-cpp 3.22.1 keeps to itself; the version is pinned. */
interface InnerSequence {
  readonly _resolveSamplerConfig: (sampling: Sampling) => object;
  readonly _context: {
    readonly _ctx: { sampleToken(index: number, sampler: InnerSampler): Promise<InnerToken> };
    readonly model: {
      readonly _model: object;
      readonly _llama: {
        readonly _bindings: { readonly AddonSampler: new (model: object) => InnerSampler };
      };
      isEogToken(token: InnerToken): boolean;
    };
  };
}

type InnerToken = NonNullable<FirstToken["token"]>;

interface InnerSampler {
  applyConfig(config: object): void;
  dispose(): void;
}
