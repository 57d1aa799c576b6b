import type { GgufTensor, GgufValue } from "./encode-gguf.ts";

/**
 * What a model remembers of a conversation: every token, every token in some layers and the latest in the others, one
 * state of a fixed size, or both of these in turns.
 */
export type TinyFamily = "attention" | "sliding-window" | "recurrent" | "hybrid";

export interface TinyShape {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly inner: number;
}

/** Makes a matrix of the tensor's name; `scale` is what its values are about. */
export type Draw = (name: string, shape: readonly [number, number], scale: number) => GgufTensor;

interface Family {
  readonly architecture: string;
  /** The architecture's own keys, without its name before them. */
  readonly metadata: (shape: TinyShape) => Readonly<Record<string, GgufValue>>;
  readonly tensors: (shape: TinyShape, tokens: number, draw: Draw) => readonly GgufTensor[];
}

/** Tokens that the layers with a window see. */
const WINDOW = 256;
/** Numbers of the recurrent layers: tokens that one sees at once, and values that it keeps for each of its inner ones. */
const [CONVOLVED, KEPT] = [4, 8];

/** One architecture of llama.cpp for each family. In the mixed ones the first of every two layers is the special one. */
export const TINY_FAMILIES: Readonly<Record<TinyFamily, Family>> = {
  attention: {
    architecture: "llama",
    metadata: attentionMetadata,
    tensors: (shape, tokens, draw) => [
      ...outerTensors(shape, tokens, { draw, norm: "output_norm" }),
      ...layers(shape, (name) => [...attention(shape, name, draw), ...forward(shape, name, draw)]),
    ],
  },
  "sliding-window": {
    architecture: "gemma3",
    metadata: (shape) => ({
      ...attentionMetadata(shape),
      "attention.key_length": headWidth(shape),
      "attention.value_length": headWidth(shape),
      "attention.sliding_window": WINDOW,
      "attention.sliding_window_pattern": 2,
    }),
    tensors: (shape, tokens, draw) => [
      ...outerTensors(shape, tokens, { draw, norm: "output_norm" }),
      ...layers(shape, (name) => [
        ...attention(shape, name, draw),
        ...headNorms(shape, name),
        ones(name("post_attention_norm"), shape.width),
        ...forward(shape, name, draw),
        ones(name("post_ffw_norm"), shape.width),
      ]),
    ],
  },
  recurrent: {
    architecture: "mamba",
    metadata: ({ layers, width }) => ({
      block_count: layers,
      embedding_length: width,
      feed_forward_length: 0,
      "attention.head_count": 0,
      "attention.layer_norm_rms_epsilon": { float: 1e-5 },
      "ssm.conv_kernel": CONVOLVED,
      "ssm.inner_size": 2 * width,
      "ssm.state_size": KEPT,
      "ssm.time_step_rank": timeSteps(width),
    }),
    tensors: (shape, tokens, draw) => [
      ...outerTensors(shape, tokens, { draw, norm: "output_norm" }),
      ...layers(shape, (name) => recurrence(shape, name, draw)),
    ],
  },
  hybrid: {
    architecture: "lfm2",
    metadata: (shape) => ({
      ...attentionMetadata(shape),
      // Layers without key heads are the recurrent ones.
      "attention.head_count_kv": {
        int32s: Array.from({ length: shape.layers }, (_, layer) => (isSpecial(layer) ? 0 : shape.keyHeads)),
      },
      "shortconv.l_cache": CONVOLVED - 1,
    }),
    tensors: (shape, tokens, draw) => [
      ...outerTensors(shape, tokens, { draw, norm: "token_embd_norm" }),
      ...layers(shape, (name, layer) => [
        ...(isSpecial(layer)
          ? convolution(shape, name, draw)
          : [...attention(shape, name, draw), ...headNorms(shape, name)]),
        ...forward(shape, name, draw),
      ]),
    ],
  },
};

type Name = (part: string, kind?: "weight" | "bias") => string;

function isSpecial(layer: number): boolean {
  return layer % 2 === 0;
}

function headWidth({ width, heads }: TinyShape): number {
  return width / heads;
}

function timeSteps(width: number): number {
  return Math.ceil(width / 16);
}

function attentionMetadata(shape: TinyShape): Readonly<Record<string, GgufValue>> {
  return {
    block_count: shape.layers,
    embedding_length: shape.width,
    feed_forward_length: shape.inner,
    "attention.head_count": shape.heads,
    "attention.head_count_kv": shape.keyHeads,
    "attention.layer_norm_rms_epsilon": { float: 1e-5 },
    "rope.dimension_count": headWidth(shape),
  };
}

function layers(
  shape: TinyShape,
  tensors: (name: Name, layer: number) => readonly GgufTensor[],
): readonly GgufTensor[] {
  return Array.from({ length: shape.layers }, (_, layer) =>
    tensors((part, kind = "weight") => `blk.${layer}.${part}.${kind}`, layer),
  ).flat();
}

function outerTensors(
  { width }: TinyShape,
  tokens: number,
  { draw, norm }: { readonly draw: Draw; readonly norm: string },
): readonly GgufTensor[] {
  return [
    draw("token_embd.weight", [width, tokens], 1),
    ones(`${norm}.weight`, width),
    draw("output.weight", [width, tokens], 3 / Math.sqrt(width)),
  ];
}

function attention(shape: TinyShape, name: Name, draw: Draw): readonly GgufTensor[] {
  const { width, keyHeads } = shape;
  const scale = 1 / Math.sqrt(width);
  return [
    ones(name("attn_norm"), width),
    draw(name("attn_q"), [width, width], scale),
    draw(name("attn_k"), [width, headWidth(shape) * keyHeads], scale),
    draw(name("attn_v"), [width, headWidth(shape) * keyHeads], scale),
    draw(name("attn_output"), [width, width], scale),
  ];
}

function headNorms(shape: TinyShape, name: Name): readonly GgufTensor[] {
  return [ones(name("attn_q_norm"), headWidth(shape)), ones(name("attn_k_norm"), headWidth(shape))];
}

function forward({ width, inner }: TinyShape, name: Name, draw: Draw): readonly GgufTensor[] {
  const scale = 1 / Math.sqrt(width);
  return [
    ones(name("ffn_norm"), width),
    draw(name("ffn_gate"), [width, inner], scale),
    draw(name("ffn_up"), [width, inner], scale),
    draw(name("ffn_down"), [inner, width], scale),
  ];
}

function recurrence({ width }: TinyShape, name: Name, draw: Draw): readonly GgufTensor[] {
  const inner = 2 * width;
  const steps = timeSteps(width);
  const scale = 1 / Math.sqrt(width);
  return [
    ones(name("attn_norm"), width),
    draw(name("ssm_in"), [width, 2 * inner], scale),
    draw(name("ssm_conv1d"), [CONVOLVED, inner], 0.5),
    filled(name("ssm_conv1d", "bias"), [inner], 0),
    draw(name("ssm_x"), [inner, steps + 2 * KEPT], scale),
    draw(name("ssm_dt"), [steps, inner], 1 / Math.sqrt(steps)),
    filled(name("ssm_dt", "bias"), [inner], 0),
    // Below zero, so that what was read long ago fades.
    filled(name("ssm_a").replace(/\.weight$/, ""), [KEPT, inner], -0.5),
    filled(name("ssm_d").replace(/\.weight$/, ""), [inner], 1),
    draw(name("ssm_out"), [inner, width], scale),
  ];
}

function convolution({ width }: TinyShape, name: Name, draw: Draw): readonly GgufTensor[] {
  const scale = 1 / Math.sqrt(width);
  return [
    ones(name("attn_norm"), width),
    draw(name("shortconv.conv"), [CONVOLVED - 1, width], 0.5),
    draw(name("shortconv.in_proj"), [width, 3 * width], scale),
    draw(name("shortconv.out_proj"), [width, width], scale),
  ];
}

function ones(name: string, width: number): GgufTensor {
  return filled(name, [width], 1);
}

function filled(name: string, shape: readonly number[], value: number): GgufTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return { name, shape, values: new Float32Array(count).fill(value) };
}
