import type { LlamaContext, Token } from "node-llama-cpp";
import { expect, test } from "vitest";
import { Seats } from "./seats.ts";

/** A sequence that remembers tokens, without a model behind it. */
class FakeSequence {
  contextTokens: Token[] = [];
  disposed = false;
  async adaptStateToTokens(tokens: Token[]): Promise<void> {
    this.contextTokens = this.contextTokens.slice(0, tokens.length);
  }
  get nextTokenIndex(): number {
    return this.contextTokens.length;
  }
  async dispose(): Promise<void> {
    this.disposed = true;
  }
}

function fakeContext(totalSequences: number): {
  readonly context: LlamaContext;
  readonly made: FakeSequence[];
} {
  const made: FakeSequence[] = [];
  const getSequence = (): FakeSequence => {
    made.push(new FakeSequence());
    return made.at(-1) as FakeSequence;
  };
  return { context: { totalSequences, getSequence } as unknown as LlamaContext, made };
}

const tokens = (count: number): Token[] => Array.from({ length: count }, (_, index) => index as Token);

test("a seat that is given back keeps its sequence", async () => {
  const { context, made } = fakeContext(1);
  const seats = new Seats(context);
  const seat = seats.take(tokens(3), "w");
  expect(() => seats.take(tokens(3), "w")).toThrow("More answers");
  await seats.give(seat, { failed: false });
  expect(seats.take(tokens(3), "w").sequence).toBe(made[0]);
});

test("after a failure the sequence is thrown away, and the seat has a new one", async () => {
  const { context, made } = fakeContext(1);
  const seats = new Seats(context);
  await seats.give(seats.take(tokens(3), "w"), { failed: true });
  expect(made[0]?.disposed).toBe(true);
  expect(seats.take(tokens(3), "w").sequence).toBe(made[1]);
});
