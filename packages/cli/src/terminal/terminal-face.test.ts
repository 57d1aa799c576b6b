import type { SessionEvent } from "@ml-intern/intern";
import { describe, expect, test } from "vitest";
import { createStyle } from "./style.ts";
import { TerminalFace } from "./terminal-face.ts";

function render(...events: SessionEvent[]): string {
  let text = "";
  const face = new TerminalFace({ write: (part) => (text += part), style: createStyle(false), now: () => 0 });
  for (const event of events) face.show(event);
  return text;
}

const kept = { seq: 1, time: "2026-11-22T00:00:00Z" };

test("a call's arguments appear while they are written, and what is too long is counted", () => {
  const half = render(
    { type: "tool_input_delta", id: "a", name: "write", partial_json: "" },
    { type: "tool_input_delta", id: "a", name: "write", partial_json: '{"path":"tra' },
  );
  expect(half).toBe('→ write {"path":"tra');
  const long = render(
    { type: "tool_input_delta", id: "a", name: "write", partial_json: "x".repeat(500) },
    { type: "tool_input_delta", id: "b", name: "inspect_data", partial_json: "{}" },
  );
  expect(long).toContain(" … +340 characters\n→ inspect_data {}");
});

test("a verified number and a claimed one never look alike", () => {
  const score = {
    ledger_seq: 9,
    set: "test",
    run: "run_4",
    seed: 0,
    code_sha256: "c",
    metric: "accuracy",
    value: 0.98611,
    interval: [0.97, 0.99722],
    rows: 360,
    baseline: { name: "majority class", value: 0.1028 },
    secondary: {},
    model_sha256: "m",
    queries_left: 0,
  };
  const run = {
    id: "run_4",
    name: "svc",
    seed: 0,
    ended: "exited",
    exit_code: 0,
    duration_s: 1.5,
    claimed: { cv_accuracy: 0.99 },
  };
  const evaluation = {
    scores: [score],
    replicates: null,
    noise: null,
    comparison: null,
    best: null,
    queries_left: 0,
  };
  const text = render(
    { ...kept, type: "recorded", kind: "run", body: run, ledger_head: null },
    { ...kept, type: "recorded", kind: "evaluation", body: evaluation, ledger_head: null },
  );
  expect(text).toContain("~ claimed cv_accuracy 0.9900");
  expect(text).toContain(
    "✔ verified accuracy 0.9861 [0.9700, 0.9972] on test (360 rows; majority class 0.1028) · run_4 · ledger #9",
  );
});

test("output of untrusted code cannot steer the terminal", () => {
  const text = render({
    type: "tool_output",
    id: "a",
    text: "\u001b[2J\u001b]0;title\u0007step 1\rstep 2\n",
  });
  expect(text).toBe("  │ step 2\n");
});

test("a line without end is shown as far as anybody reads it", () => {
  const pieces = Array.from({ length: 100 }, () => ({
    ...({ type: "tool_output", id: "a" } as const),
    text: "x".repeat(65_536),
  }));
  const text = render(...pieces, { type: "tool_output", id: "a", text: "\nnext\n" });
  expect(text.length).toBeLessThan(2_100);
  expect(text).toMatch(/x …\n {2}│ next\n$/);
});

test("long output is cut with a count, and the last unfinished line is shown", () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
  const text = render(
    { type: "tool_output", id: "a", text: lines },
    { ...kept, type: "tool_finished", id: "a", name: "bash", duration_ms: 1, content: "", is_error: false },
  );
  expect(text).toContain("line 39\n");
  expect(text).not.toContain("line 40\n");
  expect(text).toContain("… 10 more lines");
});

describe("tools that run side by side", () => {
  const started = (id: string, question: string): SessionEvent => ({
    ...{ ...kept, type: "tool_started", id, name: "research" },
    input: { question, context: "x" },
  });
  const output = (id: string, text: string): SessionEvent => ({ type: "tool_output", id, text });
  const finished = (id: string, content = "", is_error = false): SessionEvent => ({
    ...{ ...kept, type: "tool_finished", id, name: "research", duration_ms: 1 },
    ...{ content, is_error },
  });

  test("say with each line whose it is, as long as one of them runs, and a tool alone does not", () => {
    const text = render(
      started("a", "Which columns leak the target, and why?"),
      output("a", "read a\n"),
      started("b", "What is\u001b[2J missing?"),
      output("b", "read b\n"),
      output("a", "read c\n"),
      finished("b", JSON.stringify({ error: { code: "c", message: "No answer." } }), true),
      output("a", "read d\n"),
      finished("a"),
      started("c", "Alone?"),
      output("c", "read e\n"),
    );
    expect(text).toBe(
      `  │ read a
  │ [What is missing?] read b
  │ [Which columns leak the…] read c
  ✗ [What is missing?] research: No answer.
  │ [Which columns leak the…] read d
  │ read e
`,
    );
  });

  test("that are about the same are told apart by a number", () => {
    const text = render(started("a", "Why?"), started("b", "Why?"), output("b", "b\n"), output("a", "a\n"));
    expect(text).toBe("  │ [Why? 2] b\n  │ [Why?] a\n");
  });

  test("do not cut each other's lines, nor begin to be counted anew", () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index}\n`).join("");
    const text = render(
      ...[started("a", "A?"), started("b", "B?"), output("a", "ha"), output("b", "b\n"), output("a", "lf\n")],
      ...[output("a", lines), output("b", "b\n"), output("a", lines), finished("a")],
    );
    expect(text).toContain("  │ [B?] b\n  │ [A?] half\n");
    expect(text).toContain("  │ [A?] … 21 more lines\n");
  });
});

test("the plan is shown when its steps change, not at every tick", () => {
  const plan = (status: "active" | "done"): SessionEvent => ({
    ...kept,
    type: "plan_updated",
    steps: [
      { title: "look", status },
      { title: "train", status: "pending" },
    ],
  });
  expect(render(plan("active"), plan("done"))).toBe("  plan: look → train\n");
});

test("a turn that failed ends with its cause and the mend", () => {
  const cause = { code: "data/empty_file", message: "empty.csv is empty.", mend: "Give a file with rows." };
  const text = render({
    ...kept,
    type: "turn_finished",
    outcome: "bad_input",
    cause,
    elapsed_ms: 1,
    model_ms: 0,
    sandbox_ms: 0,
  });
  expect(text).toContain("✗ empty.csv is empty.\n  Give a file with rows.\n");
});

test("what happens to runs that go on by themselves is told in words, once", () => {
  const run = { ...kept, type: "run_news", run: "run_1" } as const;
  const text = render(
    {
      ...{ ...kept, type: "run_started", run: "run_1", call_id: "a" },
      ...{ name: "trees", script: "train.py", seed: 5 },
    },
    {
      ...run,
      news: { kind: "alerts", told: 1 },
      text: "[ml-intern] The script of run_1 (trees, seed 5) says, while it runs:\n- error: loss is NaN",
    },
    {
      ...run,
      news: { kind: "stalled", since_ms: 1 },
      text: "[ml-intern] run_1 (trees, seed 5) has neither written nor used its processor for 5 minutes. Look at it.",
    },
    {
      ...run,
      news: { kind: "ended" },
      text: "[ml-intern] run_1 (trees, seed 5) has ended well after 12 s. It left a model.",
    },
    { ...run, news: { kind: "ended" }, text: null },
  );
  expect(text).toBe(
    `  run_1 (trees, seed 5) goes on by itself
  ! The script of run_1 (trees, seed 5) says, while it runs:
    - error: loss is NaN
  ! run_1 (trees, seed 5) has neither written nor used its processor for 5 minutes.
  The intern hears: run_1 (trees, seed 5) has ended well after 12 s.
`,
  );
});
