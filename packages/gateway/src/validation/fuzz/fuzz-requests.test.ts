import { seededRandom } from "@ml-intern/testkit";
import { expect, it } from "vitest";
import { readCorpus } from "./corpus.ts";
import { fuzzTarget } from "./fuzz-case.ts";
import { generateCase } from "./generate-case.ts";
import { SEED_HEADERS, SEED_REQUESTS } from "./seed-requests.ts";

const corpus = readCorpus(new URL("../../../fuzz/corpus/", import.meta.url));

it.each(corpus)(
  "what fuzzing once found stays mended: a request that $fault ($name)",
  async ({ fuzzCase }) => {
    expect(await fuzzTarget().check(fuzzCase)).toBeNull();
  },
);

it("requests without a fault are answered", async () => {
  const target = fuzzTarget();
  for (const request of SEED_REQUESTS) {
    const body = new TextEncoder().encode(JSON.stringify(request));
    expect(await target.check({ body, headers: SEED_HEADERS[0] ?? {} })).toBeNull();
  }
  expect([...target.statuses]).toEqual([[200, SEED_REQUESTS.length]]);
});

it("2,000 changed requests get no wrong status, and the verdict that a second opinion gives", async () => {
  const target = fuzzTarget();
  const random = seededRandom(2_000);
  for (let index = 0; index < 2_000; index++) {
    const fuzzCase = generateCase(random);
    const text = new TextDecoder().decode(fuzzCase.body.subarray(0, 2_000));
    expect(await target.check(fuzzCase), text).toBeNull();
  }
  expect([...target.statuses.keys()].sort()).toEqual([200, 400, 404]);
});
