import { type Random, seededRandom } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { GatewayError } from "../gateway-error.ts";
import { generateCase } from "../validation/fuzz/generate-case.ts";
import { parseBody } from "../validation/parse-body.ts";
import { validateCreate } from "../validation/validate-request.ts";
import { prefixKeys } from "./prompt/prefix-keys.ts";
import { promptBlocks } from "./prompt/prompt-blocks.ts";
import { requestParameters } from "./prompt/request-parameters.ts";
import { randomSketch, withMarkers } from "./testing/random-prompt.ts";
import { testCache, validated } from "./testing/test-cache.ts";
import { lengthsOf, measureSketch, writeSketch } from "./testing/write-sketch.ts";

const ROUNDS = 1_000;

function keysOf(body: object): readonly string[] {
  const request = validated(body);
  return prefixKeys(promptBlocks(request), {
    workspace: "w",
    model: "m",
    parameters: requestParameters(request),
  });
}

it("markers change no key and no total, wherever they stand", async () => {
  verifies("caching.markers-are-free", "caching.same-prompt-any-spelling");
  const random = seededRandom(1);
  const { plan } = testCache();
  for (let round = 0; round < ROUNDS; round++) {
    const plain = randomSketch(random, 3);
    const marked = withMarkers(plain, random);
    const [without, written] = [writeSketch(plain), writeSketch(marked)];
    expect(keysOf(written.body)).toEqual(keysOf(without.body));
    const planned = await plan(written.body, { measure: measureSketch(marked, written) });
    planned.begun();
    expect(planned.usage.total).toBe(lengthsOf(plain).at(-1));
    expectToAddUp(planned.usage);
  }
});

it("the split adds up and is never negative, whatever a tokenizer says", async () => {
  verifies("caching.split-adds-up");
  const random = seededRandom(2);
  const odd = (): number =>
    random.pick([-3, 0, 1, 2.5, 7, 20, 300, 1e9, Number.NaN, Number.POSITIVE_INFINITY]);
  const { plan } = testCache();
  for (let round = 0; round < ROUNDS; round++) {
    const written = writeSketch(withMarkers(randomSketch(random, 3), random));
    const total = odd();
    const measure = async (places: readonly unknown[]) => ({
      total,
      at: places.slice(random.below(2)).map(odd),
    });
    const planned = await plan(written.body, { measure });
    if (random.oneIn(2)) planned.begun();
    expectToAddUp(planned.usage);
    const counts = { total: random.below(400), read: random.pick([null, 0, random.below(500)]) };
    expectToAddUp(planned.counted(counts));
    expect(planned.counted(counts).total).toBe(counts.total);
    expect(planned.usage.total).toBe(Number.isFinite(total) ? Math.max(0, Math.floor(total)) : 0);
  }
});

it("whatever request the server accepts has a plan that adds up, and the same keys when it is read back", async () => {
  verifies("caching.split-adds-up");
  const random = seededRandom(5);
  const { plan } = testCache();
  let accepted = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { body: bytes } = generateCase(random);
    const body = acceptedBody(bytes);
    if (body === null) continue;
    accepted++;
    const planned = await plan(body);
    planned.begun();
    expectToAddUp(planned.usage);
    const keys = keysOf(body);
    expect(keysOf(JSON.parse(JSON.stringify(body)) as object)).toEqual(keys);
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
  }
  expect(accepted).toBeGreaterThan(ROUNDS / 10);
});

it("one byte that is flipped changes every key from there on, and none before", () => {
  verifies("caching.exact-match");
  const random = seededRandom(3);
  for (let round = 0; round < ROUNDS; round++) {
    const words = Array.from({ length: 2 + random.below(6) }, () => randomText(random));
    const changed = random.below(words.length);
    const flipped = words.map((word, at) => (at === changed ? withFlippedBit(word, random) : word));
    const [one, other] = [keysOf(conversation(words)), keysOf(conversation(flipped))];
    expect(other.slice(0, changed)).toEqual(one.slice(0, changed));
    for (const [at, key] of other.entries()) if (at >= changed) expect(key).not.toBe(one[at]);
    expect(keysOf(conversation([...words]))).toEqual(one);
  }
});

it("keys of different prompts are never the same", () => {
  verifies("caching.exact-match");
  const random = seededRandom(4);
  const seen = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round++) {
    const sketch = randomSketch(random, 2);
    const keys = keysOf(writeSketch(sketch).body);
    expect(keys).toHaveLength(sketch.length);
    for (const [at, key] of keys.entries()) {
      const prompt = JSON.stringify(sketch.slice(0, at + 1));
      expect(seen.get(key) ?? prompt).toBe(prompt);
      seen.set(key, prompt);
    }
  }
  expect(seen.size).toBeGreaterThan(ROUNDS);
});

function expectToAddUp(usage: {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheCreationTokens: Readonly<Record<"5m" | "1h", number>>;
  readonly total: number;
}): void {
  const { inputTokens, cacheReadTokens, cacheCreationTokens } = usage;
  const parts = [inputTokens, cacheReadTokens, cacheCreationTokens["5m"], cacheCreationTokens["1h"]];
  expect(parts.reduce((sum, part) => sum + part)).toBe(usage.total);
  for (const part of parts) expect(Number.isSafeInteger(part) && part >= 0).toBe(true);
}

/** A generated body, or null when the server refuses it. */
function acceptedBody(bytes: Uint8Array): object | null {
  try {
    return validateCreate(parseBody(bytes), new Headers());
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

function conversation(words: readonly string[]): object {
  return { messages: words.map((content, at) => ({ role: at % 2 === 0 ? "user" : "assistant", content })) };
}

function randomText(random: Random): string {
  return Array.from({ length: 1 + random.below(40) }, () => String.fromCharCode(32 + random.below(95))).join(
    "",
  );
}

/** Still ASCII, so that one character is one byte. */
function withFlippedBit(word: string, random: Random): string {
  const bytes = Buffer.from(word);
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(7));
  return bytes.toString();
}
