import { describe, expect, it } from "vitest";
import { stem } from "./stem.ts";
import { termsOf } from "./terms.ts";

const all = (text: string): string[] => [...termsOf(text)].map((term) => term.text);
const whole = (text: string): string[] =>
  [...termsOf(text)].flatMap(({ text: term, isPart }) => (isPart ? [] : [term]));

describe("terms", () => {
  it("are names as a whole and their parts", () => {
    expect(whole("trl.SFTConfig")).toEqual(["trl.sftconfig"]);
    expect(all("trl.SFTConfig")).toEqual(expect.arrayContaining(["trl", "sftconfig", "sft", "config"]));
    expect(whole("--packing_strategy")).toEqual(["packing_strategy"]);
    expect(all("packing_strategy")).toEqual(expect.arrayContaining(["pack", "strategy"]));
    expect(all("AutoModelForCausalLM")).toEqual(expect.arrayContaining(["auto", "model", "causal", "lm"]));
  });

  it("meet however a word is written", () => {
    expect(whole("fine-tuning")).toEqual(whole("finetuning"));
    expect(whole("GPUs")).toEqual(whole("gpu"));
    for (const words of [
      ["train", "trains", "trained", "training"],
      ["generate", "generation", "generates", "generating"],
      ["initialize", "initialization", "initializing"],
      ["map", "mapped", "mapping", "maps"],
      ["save", "saved", "saving"],
      ["batch", "batches", "batched"],
      ["library", "libraries"],
    ]) {
      expect(new Set(words.map(stem)).size, words.join(" ")).toBe(1);
    }
  });

  it("do not join what is not the same, and leave out what says nothing", () => {
    expect(stem("station")).not.toBe(stem("stat"));
    expect(stem("loss")).toBe("loss");
    expect(stem("r2")).toBe("r2");
    expect(all("how do I use the with")).toEqual([]);
    expect(all("ε-greedy 数据")).toEqual(expect.arrayContaining(["greedy", "数据"]));
  });
});
