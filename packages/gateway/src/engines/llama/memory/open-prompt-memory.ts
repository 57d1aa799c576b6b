import { getModuleVersion, type LlamaContext, type LlamaModel, type Token } from "node-llama-cpp";
import type { ModelFile } from "../models/check-model-file.ts";
import type { ContextPlan } from "../models/fit-context.ts";
import { probeState } from "../state/format/probe-state.ts";
import { ScratchFile } from "../state/format/scratch-file.ts";
import { stateFingerprint } from "../state/format/state-fingerprint.ts";
import { stateKind } from "../state/format/state-shape.ts";
import type { StateStore } from "../state/store/state-store.ts";
import { type PlacedPrompt, PromptMemory } from "./prompt-memory.ts";

export interface OpenPromptMemoryOptions {
  /** As requests name it at the engine. */
  readonly modelName: string;
  readonly model: LlamaModel;
  /** None of its sequences is taken. */
  readonly context: LlamaContext;
  readonly file: ModelFile;
  readonly plan: ContextPlan;
  readonly states: StateStore;
  readonly warn: (message: string) => void;
  readonly onPlaced: (placed: PlacedPrompt) => void;
}

export interface OpenedPromptMemory {
  readonly memory: PromptMemory;
  /** To be closed when the context has been disposed of. */
  readonly file: ScratchFile;
}

/** Learns how a model keeps its state, and opens what is kept of its prompts. */
export async function openPromptMemory(options: OpenPromptMemoryOptions): Promise<OpenedPromptMemory> {
  const { modelName, model, context, file: modelFile, plan, states, warn, onPlaced } = options;
  const file = await ScratchFile.open({ bytes: plan.bytes / plan.sequences });
  const { signal } = new AbortController();
  const sequence = context.getSequence();
  const streams = context.totalSequences;
  const token = model.tokens.bos ?? model.tokens.eos ?? (0 as Token);
  try {
    const shape = await probeState({ sequence, token, streams, file, signal });
    const { isRecurrent, isHybrid } = model.fileInsights;
    const kind = stateKind(shape, { isRecurrent, isHybrid });
    const isRewindable = !isRecurrent && !isHybrid;
    const fingerprint =
      shape &&
      (await stateFingerprint({
        ...{ file: modelFile, shape, contextSize: plan.contextSize },
        library: await getModuleVersion(),
        flashAttention: true,
        swaFullCache: true,
      }));
    const storeOf = (workspace: string) => states.open(fingerprint ?? "", { workspace, model: modelName });
    return { memory: new PromptMemory({ storeOf, shape, kind, isRewindable, file, warn, onPlaced }), file };
  } catch (error) {
    await file.close();
    throw error;
  } finally {
    await sequence.dispose();
  }
}
