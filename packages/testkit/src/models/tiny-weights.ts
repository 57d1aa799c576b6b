import type { GgufTensor } from "./encode-gguf.ts";
import type { TinyVocabulary } from "./tiny-vocabulary.ts";

export interface TinyShape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly inner: number;
}

/** Weights drawn at random: the model babbles, differently for every prompt, and the same for the same seed. */
export function randomWeights(
  shape: TinyShape,
  { tokens, seed }: { tokens: number; seed: number },
): GgufTensor[] {
  const random = normalNumbers(seed);
  const draw = (name: string, [inner, outer]: readonly [number, number], scale: number): GgufTensor => ({
    name,
    shape: [inner, outer],
    values: Float32Array.from({ length: inner * outer }, () => random() * scale),
  });
  return modelTensors(shape, tokens, draw);
}

/**
 * Weights that make the model say its added tokens one after the other, whatever the prompt was, and then end its
 * turn (or begin anew, with `loop`). Attention and the inner layers do nothing; each token points at the next.
 */
export function scriptedWeights(
  shape: TinyShape,
  { tokens, added, endOfTurn }: TinyVocabulary,
  { loop }: { readonly loop: boolean },
): GgufTensor[] {
  const first = added[0] ?? endOfTurn;
  const next = (token: number): number => {
    const place = added.indexOf(token);
    if (place < 0) return first;
    return added[place + 1] ?? (loop ? first : endOfTurn);
  };
  const draw = (name: string, [inner, outer]: readonly [number, number]): GgufTensor => {
    const values = new Float32Array(inner * outer);
    for (let token = 0; token < tokens.length; token++) {
      if (name === "token_embd.weight") values[token * inner + token] = 1;
      if (name === "output.weight") values[next(token) * inner + token] = 1;
    }
    return { name, shape: [inner, outer], values };
  };
  return modelTensors(shape, tokens.length, draw);
}

type Draw = (name: string, shape: readonly [number, number], scale: number) => GgufTensor;

function modelTensors(
  { layers, width, heads, keyHeads, inner }: TinyShape,
  tokens: number,
  draw: Draw,
): GgufTensor[] {
  const keyWidth = (width / heads) * keyHeads;
  const scale = 1 / Math.sqrt(width);
  const ones = (name: string): GgufTensor => ({
    name,
    shape: [width],
    values: new Float32Array(width).fill(1),
  });
  const tensors = [
    draw("token_embd.weight", [width, tokens], 1),
    ones("output_norm.weight"),
    draw("output.weight", [width, tokens], 3 * scale),
  ];
  for (let layer = 0; layer < layers; layer++) {
    const name = (part: string): string => `blk.${layer}.${part}.weight`;
    tensors.push(
      ones(name("attn_norm")),
      draw(name("attn_q"), [width, width], scale),
      draw(name("attn_k"), [width, keyWidth], scale),
      draw(name("attn_v"), [width, keyWidth], scale),
      draw(name("attn_output"), [width, width], scale),
      ones(name("ffn_norm")),
      draw(name("ffn_gate"), [width, inner], scale),
      draw(name("ffn_up"), [width, inner], scale),
      draw(name("ffn_down"), [inner, width], scale),
    );
  }
  return tensors;
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
