import type { CountTokensRequest } from "@ml-intern/messages";
import { type Random, seededRandom } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { createPromptCache } from "./create-prompt-cache.ts";
import { MemoryEntryStore } from "./entries/memory-entry-store.ts";
import { NaiveCache } from "./testing/naive-cache.ts";
import { randomSketch, type Sketch, withMarkers, withTurn } from "./testing/random-prompt.ts";
import { type Split, splitOf } from "./testing/test-cache.ts";
import { measureSketch, writeSketch } from "./testing/write-sketch.ts";

const SEQUENCES = 10_000;
const REQUESTS = 6;

/** How often something happened, so that the comparison is known to be about something. */
const seen = { read: 0, missed: 0, hour: 0, failed: 0, late: 0, back: 0 };

it(`${SEQUENCES} random sequences of requests read and write what a naive second implementation does`, async () => {
  verifies("caching.lookback", "caching.runs-collapse", "caching.ttl", "caching.mixed-ttl");
  for (let seed = 0; seed < SEQUENCES; seed++) await compareSequence(seed);
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(SEQUENCES / 4);
});

/** Requests of several workspaces that go on, branch, are edited, fail and overlap, on a clock that jumps both ways. */
async function compareSequence(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const minimum = random.pick([1, 1, 12, 40]);
  let clock = 1_000_000;
  const naive = new NaiveCache({ minimum, clock });
  const cache = createPromptCache({
    now: () => clock * 1000,
    store: new MemoryEntryStore(),
    minimumTokens: () => minimum,
  });
  const known: Sketch[] = [randomSketch(random, 3)];
  const open: (() => void)[] = [];
  const splits: { readonly real: Split; readonly naive: Split }[] = [];
  for (let request = 0; request < REQUESTS; request++) {
    clock += step(random);
    const sketch = variation(random.pick(known.slice(-3)), random);
    known.push(sketch);
    const { asked, automatic } = withAutomatic(withMarkers(sketch, random), random);
    const workspace = random.oneIn(5) ? "other" : "one";
    const model = random.oneIn(8) ? "m2" : "m1";
    const startedAt = clock - (random.oneIn(4) ? random.below(400) : 0);

    naive.look(clock);
    const expected = naive.plan(asked, { owner: `${workspace} ${model}`, startedAt });
    const written = writeSketch(automatic ? withoutLastMarker(asked) : asked);
    const body = { ...written.body, ...(automatic ? { cache_control: { type: "ephemeral" } } : {}) };
    const planned = await cache.plan(body as unknown as CountTokensRequest, {
      workspace,
      model,
      startedAt: startedAt * 1000,
      measure: measureSketch(asked, written),
    });
    splits.push({ real: splitOf(planned), naive: expected.split });
    note(expected.split);

    const begin = (): void => {
      planned.begun();
      expected.begun();
    };
    if (random.oneIn(6)) {
      planned.abandoned();
      seen.failed++;
    } else if (random.oneIn(4)) open.push(begin);
    else begin();
    if (open.length > 0 && random.oneIn(2)) {
      open.splice(random.below(open.length), 1)[0]?.();
      seen.late++;
    }
  }
  expect(
    splits.map(({ real }) => real),
    `seed ${seed}`,
  ).toEqual(splits.map(({ naive: split }) => split));
}

/** Seconds until the next request: mostly a turn's time, sometimes past a lifetime, sometimes back. */
function step(random: Random): number {
  if (random.oneIn(12)) {
    seen.back++;
    return -random.below(random.pick([10, 1_000, 100_000]));
  }
  return random.below(random.pick([5, 120, 120, 350, 4_000]));
}

function variation(sketch: Sketch, random: Random): Sketch {
  switch (random.below(8)) {
    case 0:
      return randomSketch(random, 3);
    case 1:
      return sketch;
    case 2: {
      // A branch: what follows some turn is another.
      const turn = sketch.findLastIndex(({ kind }, at) => kind === "user" && at < sketch.length - 1);
      return turn < 0 ? sketch : withTurn(sketch.slice(0, turn + 1), random);
    }
    case 3: {
      const edited = random.below(sketch.length);
      return sketch.map((block, at) =>
        at === edited && block.kind !== "call" && block.kind !== "result"
          ? { ...block, text: `${block.text}x` }
          : block,
      );
    }
    default:
      return withTurn(sketch, random);
  }
}

/** Sometimes the last marker is the request's own, on the last block that can have one. */
function withAutomatic(
  sketch: Sketch,
  random: Random,
): { readonly asked: Sketch; readonly automatic: boolean } {
  const last = sketch.findLastIndex(({ kind }) => kind !== "thinking");
  const count = sketch.filter(({ marker }) => marker).length;
  if (!random.oneIn(3) || count > 3 || sketch[last]?.marker) return { asked: sketch, automatic: false };
  const asked = sketch.map((block, at) => (at === last ? { ...block, marker: "5m" as const } : block));
  return { asked, automatic: true };
}

function withoutLastMarker(sketch: Sketch): Sketch {
  const last = sketch.findLastIndex(({ marker }) => marker);
  return sketch.map((block, at) => (at === last ? { ...block, marker: null } : block));
}

function note([read, , hour, input]: readonly number[]): void {
  if (read) seen.read++;
  if (!read && !input) seen.missed++;
  if (hour) seen.hour++;
}
