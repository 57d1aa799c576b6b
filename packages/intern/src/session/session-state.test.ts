import type { Message } from "@ml-intern/messages";
import { expect, test } from "vitest";
import type { DurableEvent, LoggedEvent, SessionOptions } from "./session-event.ts";
import { foldSession, type SessionState } from "./session-state.ts";

const options: SessionOptions = {
  task: "t",
  data: "/d.csv",
  target: null,
  model: "recipes/default",
  budget_usd: null,
  max_iterations: 300,
  sandbox: "auto",
  hub: "local",
};

function message(content: Message["content"]): Message {
  const usage = {
    input_tokens: 10,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 100,
    cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 0 },
    output_tokens: 7,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: "standard",
  } as const;
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "m",
    content,
    stop_reason: "tool_use",
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage,
  };
}

function fold(...events: DurableEvent[]): SessionState {
  const all: DurableEvent[] = [{ type: "session_created", version: 1, id: "s", options }, ...events];
  const logged = all.map(
    (event, index): LoggedEvent => ({ seq: index + 1, time: "2026-11-22T00:00:00Z", ...event }),
  );
  const state = foldSession(logged);
  if (state === null) throw new Error("no state");
  return state;
}

const calls = message([
  { type: "tool_use", id: "a", name: "plan", input: {} },
  { type: "tool_use", id: "b", name: "bash", input: { command: "ls" } },
]);
const said = {
  type: "assistant_message",
  iteration: 1,
  message: calls,
  cost_usd: 0.5,
  duration_ms: 1,
} as const;
const finished = (id: string, is_error: boolean) =>
  ({ type: "tool_finished", id, name: "x", duration_ms: 1, content: `r${id}`, is_error }) as const;

test("calls are pending until each has its result, and then the results are one user message", () => {
  const between = fold(
    said,
    { type: "tool_started", id: "a", name: "plan", input: {} },
    finished("a", false),
  );
  expect(between.pending).toEqual([{ id: "b", name: "bash", input: { command: "ls" }, started: false }]);
  expect(between.messages.at(-1)?.role).toBe("assistant");
  const after = fold(said, finished("a", false), finished("b", true));
  expect(after.pending).toEqual([]);
  expect(after.messages.at(-1)).toEqual({
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "a", content: "ra" },
      { type: "tool_result", tool_use_id: "b", content: "rb", is_error: true },
    ],
  });
});

test("a call that had begun when the process died is known to have begun", () => {
  const state = fold(said, { type: "tool_started", id: "a", name: "plan", input: {} });
  expect(state.pending.map(({ id, started }) => [id, started])).toEqual([
    ["a", true],
    ["b", false],
  ]);
});

test("money and tokens add up over expenses, cached input included; an unknown price is remembered", () => {
  const settled = (id: string, usd: string | null) =>
    ({
      type: "budget_settled",
      id,
      lines: [
        { kind: "input", of: "m", quantity: 15, usd },
        { kind: "cache_read", of: "m", quantity: 100, usd: "0" },
        { kind: "output", of: "m", quantity: 7, usd: "0" },
      ],
    }) as const;
  const state = fold(settled("a", "0.5"), settled("b", null), settled("a", "0.5"));
  expect(state.spent).toMatchObject({ usd: 0.5, unpriced: true, input_tokens: 230, output_tokens: 14 });
});

test("a resume changes limits for the rest and keeps the conversation", () => {
  const state = fold(
    { type: "turn_started", turn: 1, text: "do it" },
    { type: "iteration_started", iteration: 1 },
    {
      type: "turn_finished",
      outcome: "budget",
      cause: { code: "c", message: "m", mend: "d" },
      elapsed_ms: 5,
      model_ms: 1,
      sandbox_ms: 1,
    },
    { type: "options_changed", options: { budget_usd: 9 } },
    { type: "turn_started", turn: 2, text: null },
  );
  expect(state.options.budget_usd).toBe(9);
  expect(state.options.task).toBe("t");
  expect(state.messages).toEqual([{ role: "user", content: "do it" }]);
  expect(state.outcome).toBe("unfinished");
});

test("an empty answer is not replayed, since the wire refuses it", () => {
  expect(fold({ ...said, message: message([]) }).messages).toEqual([]);
});

test("an event of a later version is passed over", () => {
  const unknown = { type: "from_the_future" } as unknown as DurableEvent;
  expect(fold(unknown, { type: "notice", level: "info", text: "x" }).id).toBe("s");
});
