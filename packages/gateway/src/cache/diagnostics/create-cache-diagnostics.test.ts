import type { MessagesRequest } from "@ml-intern/messages";
import { expect, it } from "vitest";
import { verifies } from "../../conformance/verifies.ts";
import { createCacheDiagnostics } from "./create-cache-diagnostics.ts";

const REQUEST: MessagesRequest = {
  model: "m",
  max_tokens: 1,
  system: "x".repeat(4000),
  messages: [{ role: "user", content: "hi" }],
};
const OPTIONS = { workspace: "w", model: "e/m" };

it("says nothing to those who do not ask", () => {
  verifies("diagnostics.opt-in");
  const diagnostics = createCacheDiagnostics({ now: () => 0 });
  expect(diagnostics.of(REQUEST, OPTIONS)).toBeNull();
  expect(diagnostics.of({ ...REQUEST, diagnostics: null }, OPTIONS)).toBeNull();
});

it("counts what was missed in the tokens that the earlier answer reported", () => {
  verifies("diagnostics.missed-tokens");
  const diagnostics = createCacheDiagnostics({ now: () => 0 });
  const first = diagnostics.of({ ...REQUEST, diagnostics: { previous_message_id: null } }, OPTIONS);
  expect(first?.began("msg_1")).toBeNull();
  first?.counted(500);
  const again = { ...REQUEST, system: "y", diagnostics: { previous_message_id: "msg_1" } };
  expect(diagnostics.of(again, OPTIONS)?.began("msg_2")).toEqual({
    cache_miss_reason: { type: "system_changed", cache_missed_input_tokens: 500 },
  });
});

it.each([0, -1, Number.NaN])("leaves the estimate where %d tokens are reported", (tokens) => {
  const diagnostics = createCacheDiagnostics({ now: () => 0 });
  const first = diagnostics.of({ ...REQUEST, diagnostics: {} }, OPTIONS);
  first?.began("msg_1");
  first?.counted(tokens);
  const again = { ...REQUEST, system: "y", diagnostics: { previous_message_id: "msg_1" } };
  expect(diagnostics.of(again, OPTIONS)?.began("msg_2")).toEqual({
    cache_miss_reason: {
      type: "system_changed",
      cache_missed_input_tokens: expect.toSatisfy((missed) => missed > 900 && missed < 1100),
    },
  });
});

it("does not throw, whatever it is given", () => {
  verifies("diagnostics.never-fails");
  const diagnostics = createCacheDiagnostics({ now: () => 0 });
  const broken = { ...REQUEST, diagnostics: {}, messages: [null] } as unknown as MessagesRequest;
  const diagnosis = diagnostics.of(broken, OPTIONS);
  expect(diagnosis?.began("msg_1")).toEqual({ cache_miss_reason: { type: "unavailable" } });
  diagnosis?.counted(7);
  const next = { ...REQUEST, diagnostics: { previous_message_id: "msg_1" } };
  expect(diagnostics.of(next, OPTIONS)?.began("msg_2")).toEqual({
    cache_miss_reason: { type: "previous_message_not_found" },
  });
});
