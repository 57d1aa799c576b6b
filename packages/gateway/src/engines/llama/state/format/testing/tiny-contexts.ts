import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TinyGgufOptions, writeTinyGguf } from "@ml-intern/testkit";
import type { LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
import { LONGEST_PIECE, nextPieceLength } from "../../../generation/prompt-pieces.ts";
import type { LlamaRuntime } from "../../../runtime/llama-runtime.ts";
import { probeState } from "../probe-state.ts";
import { ScratchFile } from "../scratch-file.ts";
import type { StateShape } from "../state-shape.ts";

export interface TinyContexts {
  readonly model: LlamaModel;
  readonly modelPath: string;
  /** A context as the engine makes them, and the shape of its states. */
  open(options?: TinyContextOptions): Promise<TinyContext>;
  close(): Promise<void>;
}

export interface TinyContextOptions {
  readonly sequences?: number;
  readonly contextSize?: number;
  readonly swaFullCache?: boolean;
}

export interface TinyContext {
  readonly context: LlamaContext;
  readonly shape: StateShape | null;
  readonly file: ScratchFile;
  readonly sequences: readonly LlamaContextSequence[];
}

const { signal } = new AbortController();

/** A tiny model, with as many contexts as a test wants. */
export async function openTinyContexts(
  { llama, threads }: LlamaRuntime,
  options: TinyGgufOptions,
): Promise<TinyContexts> {
  const folder = await mkdtemp(join(tmpdir(), "tiny-state-"));
  const modelPath = join(folder, "tiny.gguf");
  await writeTinyGguf(modelPath, { contextLength: 32_768, layers: 4, ...options });
  const model = await llama.loadModel({ modelPath });
  const files: ScratchFile[] = [];
  return {
    model,
    modelPath,
    async open({ sequences: count = 2, contextSize = 2048, swaFullCache = true } = {}) {
      const context = await model.createContext({
        contextSize: contextSize + 1,
        sequences: count,
        threads,
        flashAttention: true,
        swaFullCache,
        failedCreationRemedy: false,
      });
      const file = await ScratchFile.open({ bytes: 0 });
      files.push(file);
      const sequences = Array.from({ length: count }, () => context.getSequence());
      const [sequence] = sequences;
      if (!sequence) throw new Error("a context has at least one sequence");
      const token = 0 as Token;
      const shape = await probeState({ sequence, token, streams: count, file, signal });
      return { context, shape, file, sequences };
    },
    async close() {
      await Promise.all(files.map((file) => file.close()));
      await model.dispose();
      await rm(folder, { recursive: true });
    },
  };
}

/** Tokens drawn at random, the same for the same seed. */
export function randomTokens(count: number, seed: number): Token[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 16) % 256) as Token;
  });
}

/** Reads tokens into a sequence in pieces, as the engine does. */
export async function readTokens(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<void> {
  for (let at = 0; at < tokens.length; ) {
    const length = nextPieceLength(tokens.length - at, LONGEST_PIECE);
    await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(at, at + length));
    at += length;
  }
}

export interface Continuation {
  /** The numbers from which the token after the piece is chosen. */
  readonly logits: readonly number[];
  /** The likeliest tokens after that, one after the other. */
  readonly written: readonly Token[];
}

/** Reads a piece and writes on: all that can be seen of whether a state is the right one. */
export async function goOn(
  sequence: LlamaContextSequence,
  piece: readonly Token[],
  { write = 12 }: { readonly write?: number } = {},
): Promise<Continuation> {
  const last = piece.at(-1);
  if (last === undefined) throw new Error("an empty piece");
  const options = { generateNext: { logits: true } } as const;
  const outputs = await sequence.controlledEvaluate([...piece.slice(0, -1), [last, options]]);
  const byToken = [...(outputs.at(-1)?.next?.logits ?? [])].sort(([a], [b]) => a - b);
  const logits = byToken.map(([, value]) => value);
  const likeliest = byToken.reduce((best, each) => (each[1] > best[1] ? each : best));
  const written: Token[] = [likeliest[0]];
  const rest = sequence.evaluate([likeliest[0]], { temperature: 0, yieldEogToken: true });
  for await (const token of rest) if (written.push(token) >= write) break;
  return { logits, written };
}
