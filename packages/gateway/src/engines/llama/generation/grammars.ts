import type { Llama, LlamaGrammar, LlamaGrammarEvaluationState, LlamaModel, Token } from "node-llama-cpp";

/** Grammars that are kept after use: tools are called many times, and reading a grammar takes a while. */
const KEPT = 64;

/** Makes grammars hold. */
export interface Grammars {
  /** The beginning of a grammar. Throws when the grammar cannot be read. */
  begin(grammar: string): Promise<LlamaGrammarEvaluationState>;
  /** Whether the token fits as the next one; if it does, the state has moved on behind it. */
  accept(state: LlamaGrammarEvaluationState, token: Token): boolean;
}

export function createGrammars(llama: Llama, model: LlamaModel): Grammars {
  const known = new Map<string, LlamaGrammar>();
  const native = nativeSampler(llama);

  async function parsed(text: string): Promise<LlamaGrammar> {
    const grammar = known.get(text) ?? (await llama.createGrammar({ grammar: text }));
    // Put at the end again, so that the first one is the one unused for longest.
    known.delete(text);
    known.set(text, grammar);
    for (const oldest of known.keys()) {
      if (known.size <= KEPT) break;
      known.delete(oldest);
    }
    return grammar;
  }

  return {
    async begin(text) {
      const { LlamaGrammarEvaluationState } = await import("node-llama-cpp");
      return new LlamaGrammarEvaluationState({ model, grammar: await parsed(text) });
    },
    accept(state, token) {
      const { _state } = state as unknown as InternalState;
      if (!native.canBeNextTokenForGrammarEvaluationState(_state, token)) return false;
      native.acceptGrammarEvaluationStateToken(_state, token);
      return true;
    },
  };
}

/** What node-llama-cpp 3.22.1 keeps to itself; the version is pinned. */
interface InternalState {
  readonly _state: unknown;
}

interface NativeSampler {
  canBeNextTokenForGrammarEvaluationState(state: unknown, token: Token): boolean;
  acceptGrammarEvaluationStateToken(state: unknown, token: Token): void;
}

function nativeSampler(llama: Llama): NativeSampler {
  const { _bindings } = llama as unknown as { readonly _bindings: { readonly AddonSampler: NativeSampler } };
  return _bindings.AddonSampler;
}
