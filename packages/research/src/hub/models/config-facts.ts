import { z } from "zod";
import type { ConfigFacts } from "./model-facts.ts";

const record = z.record(z.string(), z.unknown());

/** Reads a `config.json`; the names of the fields differ between architectures, and models of several parts nest them. */
export function configFacts(config: unknown): ConfigFacts | null {
  const top = record.safeParse(config);
  if (!top.success) return null;
  const nested = ["text_config", "llm_config", "language_config"].flatMap((name) => {
    const inner = record.safeParse(top.data[name]);
    return inner.success ? [inner.data] : [];
  });
  const places = [top.data, ...nested];
  const find = <Value>(schema: z.ZodType<Value>, names: readonly string[]): Value | null => {
    for (const place of places) {
      for (const name of names) {
        const value = schema.safeParse(place[name]);
        if (value.success) return value.data;
      }
    }
    return null;
  };
  const number = z.number();
  const text = z.string().min(1);
  const method = find(z.object({ quant_method: z.string() }), ["quantization_config"])?.quant_method;
  const adapter = find(text, ["peft_type"]);
  return {
    architecture:
      find(z.array(z.string()).min(1), ["architectures"])?.[0] ?? find(text, ["model_type", "_class_name"]),
    hiddenSize: find(number, ["hidden_size", "n_embd", "d_model", "dim"]),
    layers: find(number, ["num_hidden_layers", "n_layer", "num_layers", "n_layers"]),
    heads: find(number, ["num_attention_heads", "n_head", "num_heads", "n_heads"]),
    contextLength: find(number, [
      "max_position_embeddings",
      "n_positions",
      "n_ctx",
      "max_sequence_length",
      "max_seq_len",
      "seq_length",
    ]),
    vocabulary: find(number, ["vocab_size"]),
    dtype: find(text, ["dtype", "torch_dtype"]),
    quantization: method ?? null,
    adapter:
      adapter === null
        ? null
        : { kind: adapter, base: find(text, ["base_model_name_or_path"]), rank: find(number, ["r"]) },
  };
}
