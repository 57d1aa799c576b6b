import { expect, it } from "vitest";
import { NoticeGate } from "./notice-gate.ts";
import { exampleNotice } from "./testing/example-notice.ts";

const MINUTE = 60_000;

it("tells each thing once", () => {
  const gate = new NoticeGate();
  expect(gate.admit(exampleNotice(), 0)).toEqual(exampleNotice());
  expect(gate.admit(exampleNotice(), MINUTE)).toBeNull();
});

it("lets six of a kind through in ten minutes, counts the others, and always tells the end", () => {
  const gate = new NoticeGate();
  const passed = Array.from({ length: 9 }, (_, index) =>
    gate.admit(exampleNotice({ id: `${index}` }), index * 1000),
  );
  expect(passed.filter((notice) => notice !== null)).toHaveLength(6);
  expect(gate.admit(exampleNotice({ id: "other", kind: "needs_you" }), 9000)).not.toBeNull();
  for (let index = 0; index < 9; index++)
    expect(gate.admit(exampleNotice({ id: `end ${index}`, kind: "failed" }), 9000)).not.toBeNull();
  expect(gate.admit(exampleNotice({ id: "later", text: "Later." }), 11 * MINUTE)?.text).toBe(
    "Later. (3 before it were held back.)",
  );
  expect(gate.admit(exampleNotice({ id: "last", text: "Last." }), 11 * MINUTE)?.text).toBe("Last.");
});
