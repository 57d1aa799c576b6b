import { expect, it } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import { type Fingerprint, takeFingerprint } from "./fingerprint.ts";
import { createFingerprintStore } from "./fingerprint-store.ts";

const HOUR = 3_600_000;

function fingerprint(blocks = 1): Fingerprint {
  const content = Array.from({ length: blocks }, (_, index) => ({
    type: "text" as const,
    text: `block ${index}`,
  }));
  return takeFingerprint({ model: "m", max_tokens: 1, messages: [{ role: "user", content }] }, "e/m")
    .fingerprint;
}

const mine = { workspace: "research", messageId: "msg_1" };

it("keeps a fingerprint for an hour, for its workspace alone", () => {
  verifies("diagnostics.fingerprints");
  let time = 0;
  const store = createFingerprintStore({ now: () => time });
  const kept = fingerprint();
  store.put(mine, kept);
  expect(store.get(mine)).toBe(kept);
  expect(store.get({ ...mine, workspace: "sales" })).toBeNull();
  expect(store.get({ ...mine, messageId: "msg_2" })).toBeNull();
  time = HOUR - 1;
  expect(store.get(mine)).toBe(kept);
  time = HOUR;
  expect(store.get(mine)).toBeNull();
});

it("mistakes no pair of workspace and id for another", () => {
  const store = createFingerprintStore({ now: () => 0 });
  store.put({ workspace: 'a","b', messageId: "c" }, fingerprint());
  expect(store.get({ workspace: "a", messageId: 'b","c' })).toBeNull();
});

it("is not confused by a clock that jumps: back, nothing lives for ever; forward, everything has expired", () => {
  let time = 10 * HOUR;
  const store = createFingerprintStore({ now: () => time });
  store.put(mine, fingerprint());
  time = 0;
  expect(store.get(mine)).not.toBeNull();
  time = HOUR;
  expect(store.get(mine)).toBeNull();
  store.put(mine, fingerprint());
  time = 1000 * HOUR;
  expect(store.get(mine)).toBeNull();
});

it("holds a limited amount; the oldest go first, and what is kept again is young again", () => {
  verifies("diagnostics.fingerprints");
  const store = createFingerprintStore({ now: () => 0, maxBytes: 10_000 });
  const put = (index: number, blocks: number): void =>
    store.put({ workspace: "w", messageId: `msg_${index}` }, fingerprint(blocks));
  const kept = (): readonly number[] =>
    Array.from({ length: 40 }, (_, index) => index).filter((index) =>
      store.get({ workspace: "w", messageId: `msg_${index}` }),
    );
  for (let index = 0; index < 30; index++) put(index, 10);
  // 512 bytes and 16 for each block.
  expect(kept()).toEqual(Array.from({ length: 14 }, (_, index) => index + 16));
  put(16, 10);
  put(30, 10);
  expect(kept()).toContain(16);
  expect(kept()).not.toContain(17);
  put(31, 1000);
  expect(kept()).toEqual([]);
});
