/** The rows that one layer writes: one for each token, or one alone in a recurrent layer. */
export interface StatePart {
  /** ggml's number of the type. */
  readonly type: number;
  readonly rowBytes: number;
}

/**
 * What is written of each token beside its rows. `position`: its position. `place`: also its column and row, both of
 * which are the position for text, and the token itself; models that can see pictures have these.
 */
export type CellKind = "position" | "place";

/** Layers that keep a key and a value for each token. */
export interface AttentionSection {
  readonly kind: "attention";
  readonly layers: number;
  /** All keys, layer by layer, and then all values; models with joint rows have no values. */
  readonly parts: readonly StatePart[];
  readonly cells: CellKind;
  /** Whether only the latest tokens are saved, since these layers see no others. */
  readonly isWindow: boolean;
}

/** Layers that keep one state, whatever the number of tokens. */
export interface RecurrentSection {
  readonly kind: "recurrent";
  readonly layers: number;
  readonly parts: readonly StatePart[];
}

export type StateSection = AttentionSection | RecurrentSection;

/** How a context lays out the state of one of its sequences. It is learnt from the context itself, never from a store. */
export interface StateShape {
  /** The context's number of sequences. Only the frame of a file depends on it, not what it holds. */
  readonly streams: number;
  readonly sections: readonly StateSection[];
}

/**
 * What can be done with a model's state. `blocks`: it can be cut at any token and joined again. `boundary`: it can only
 * go on where it was saved. `none`: it is not understood, so nothing is kept.
 */
export type StateKind = "blocks" | "boundary" | "none";

/** Tokens in a block: llama.cpp's kernels work on 64 at a time. */
export const BLOCK_TOKENS = 256;

export interface MemoryFacts {
  readonly isRecurrent: boolean;
  readonly isHybrid: boolean;
}

/**
 * Decides by what the model says about itself (`LlamaModel.fileInsights`) and by the shape that a probe gave, null
 * where it was not understood. The shape counts where the two disagree about windows: some models name one that
 * llama.cpp does not use.
 */
export function stateKind(shape: StateShape | null, { isRecurrent, isHybrid }: MemoryFacts): StateKind {
  if (!shape) return "none";
  return cuttable(shape) && !isRecurrent && !isHybrid ? "blocks" : "boundary";
}

/** The one section of a state that can be cut, or null. */
export function cuttable({ sections }: StateShape): AttentionSection | null {
  const [section] = sections;
  return sections.length === 1 && section?.kind === "attention" ? section : null;
}

/** Bytes of one row of every part together: what one token takes, in a section with attention. */
export function rowBytes({ parts }: StateSection): number {
  return parts.reduce((sum, part) => sum + part.rowBytes, 0);
}

/** The shape in words, without the number of sequences, as part of what a stored state is known by. */
export function describeShape({ sections }: StateShape): string {
  return JSON.stringify(
    sections.map(({ kind, layers, parts }) => [
      kind,
      layers,
      parts.map((part) => [part.type, part.rowBytes]),
    ]),
  );
}
