import type { GgufTensor } from "./encode-gguf.ts";
import { type Draw, TINY_FAMILIES, type TinyFamily, type TinyShape } from "./tiny-families.ts";
import type { TinyVocabulary } from "./tiny-vocabulary.ts";

export interface RandomWeightsOptions {
  readonly family: TinyFamily;
  readonly tokens: number;
  readonly seed: number;
}

/** Weights drawn at random: the model babbles, differently for every prompt, and the same for the same seed. */
export function randomWeights(
  shape: TinyShape,
  { family, tokens, seed }: RandomWeightsOptions,
): readonly GgufTensor[] {
  const random = normalNumbers(seed);
  const draw: Draw = (name, [inner, outer], scale) => ({
    name,
    shape: [inner, outer],
    values: Float32Array.from({ length: inner * outer }, () => random() * scale),
  });
  return TINY_FAMILIES[family].tensors(shape, tokens, draw);
}

/**
 * Weights that make the model say its added tokens one after the other, whatever the prompt was, and then end its
 * turn (or begin anew, with `loop`). Attention and the inner layers do nothing; each token points at the next.
 */
export function scriptedWeights(
  shape: TinyShape,
  { tokens, added, endOfTurn }: TinyVocabulary,
  { loop }: { readonly loop: boolean },
): readonly GgufTensor[] {
  const first = added[0] ?? endOfTurn;
  const next = (token: number): number => {
    const place = added.indexOf(token);
    if (place < 0) return first;
    return added[place + 1] ?? (loop ? first : endOfTurn);
  };
  const draw: Draw = (name, [inner, outer]) => {
    const values = new Float32Array(inner * outer);
    for (let token = 0; token < tokens.length; token++) {
      if (name === "token_embd.weight") values[token * inner + token] = 1;
      if (name === "output.weight") values[next(token) * inner + token] = 1;
    }
    return { name, shape: [inner, outer], values };
  };
  return TINY_FAMILIES.attention.tensors(shape, tokens.length, draw);
}

/** Normally distributed numbers, by Box and Muller over a small linear generator. */
function normalNumbers(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
