import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Comparison, Score } from "@ml-intern/lab";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EvaluationRecord } from "../publishing/release-record.ts";
import type { DurableEvent } from "../session/session-event.ts";
import { Session } from "../session/session-store.ts";
import type { Notice } from "./notice.ts";
import { waitsForYou } from "./notices-of.ts";
import { watchNotices } from "./watch-notices.ts";

let home: string;
let session: Session;
let notices: Notice[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "notices-"));
  session = await Session.create(home, {
    task: "Predict the illness of Jane Roe, key sk-ant-secret",
    data: "/data/patients.csv",
    target: null,
    model: "recipes/default",
    budget_usd: 5,
    max_iterations: 10,
    sandbox: "auto",
    hub: "local",
  });
  notices = [];
  const notifier = {
    notify: (notice: Notice) => void notices.push(notice),
    [Symbol.asyncDispose]: async () => {},
  };
  watchNotices(session, notifier);
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

function score(run: string, more: Partial<Score> = {}): Score {
  return {
    ledger_seq: Number(run.slice(4)),
    set: "validation",
    run,
    seed: 0,
    code_sha256: `code of ${run}`,
    metric: "accuracy",
    value: 0.912_345,
    interval: [0.89, 0.93],
    rows: 100,
    baseline: { name: "most frequent class", value: 0.5 },
    secondary: {},
    model_sha256: "m",
    queries_left: 9,
    ...more,
  };
}

function evaluated(
  scores: Score[],
  best: string,
  verdict: Comparison["verdict"] | null = null,
): Promise<unknown> {
  const comparison: Comparison | null = verdict && {
    run: scores[0]?.run ?? "",
    against: "run_1",
    difference: 0.01,
    interval: [0, 0.02],
    noise: null,
    verdict,
    reason: "",
  };
  const body: EvaluationRecord = {
    scores,
    replicates: null,
    noise: null,
    comparison,
    best: { run: best, value: 0.9 },
    queries_left: 9,
  };
  return session.append({ type: "recorded", kind: "evaluation", body, ledger_head: null });
}

function turnEnds(
  outcome: Extract<DurableEvent, { type: "turn_finished" }>["outcome"],
  code: string | null = null,
): Promise<unknown> {
  const cause = code === null ? null : { code, message: "row 7: Jane Roe, sk-ant-secret", mend: "Jane Roe" };
  const times = { elapsed_ms: 1, model_ms: 1, sandbox_ms: 0 };
  return session.append({ type: "turn_finished", outcome, cause, ...times });
}

describe("a new verified best", () => {
  it("is the first on its set, and then what the comparison calls better", async () => {
    await evaluated([score("run_1")], "run_1");
    await evaluated([score("run_2")], "run_2", "indistinguishable");
    await evaluated([score("run_3")], "run_1", "worse");
    await evaluated([score("run_4")], "run_4", "better");
    await evaluated([score("run_5", { set: "test" })], "run_5");
    expect(notices.map(({ kind, facts }) => `${kind} ${facts.run} ${facts.set}`)).toEqual([
      "best run_1 validation",
      "best run_4 validation",
      "best run_5 test",
    ]);
    expect(notices[0]).toEqual({
      kind: "best",
      id: `${session.state.id}:best:validation:code of run_1`,
      session: session.state.id,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      title: "ml-intern: a new verified best",
      text: "run_1 on validation: accuracy 0.9123 (95 % 0.89 to 0.93); most frequent class has 0.5.",
      facts: { set: "validation", run: "run_1", metric: "accuracy", value: 0.912_345, low: 0.89, high: 0.93 },
    });
  });

  it("says the same of the same code with other seeds, so that it is told once", async () => {
    await evaluated([score("run_1")], "run_1");
    await evaluated([score("run_2", { code_sha256: "code of run_1", seed: 1 })], "run_1");
    expect(new Set(notices.map(({ id }) => id)).size).toBe(1);
  });
});

describe("the end of a turn", () => {
  it("is told when it is published, failed or out of budget, and not when the person ended it", async () => {
    for (const outcome of ["stopped", "published", "failed", "bad_input", "budget"] as const)
      await turnEnds(outcome, outcome === "failed" ? "model/no_credit" : null);
    expect(notices.map(({ kind, text }) => [kind, text])).toEqual([
      ["finished", "The model is published"],
      ["failed", `It ended with model/no_credit. \`ml-intern resume ${session.state.id}\` goes on.`],
      ["failed", expect.stringContaining("ended with unknown")],
      ["budget", expect.stringContaining("The limit is reached.")],
    ]);
  });

  it("names the published model", async () => {
    const body = { repo: "me/model", url: "http://127.0.0.1:4142/me/model", files: [] };
    await session.append({ type: "recorded", kind: "release", body, ledger_head: null });
    await turnEnds("published");
    expect(notices).toMatchObject([
      { text: "The model is published: http://127.0.0.1:4142/me/model", facts: { repo: "me/model" } },
    ]);
  });
});

it("nothing goes out of the task, of data, of messages, or of a code that is none", async () => {
  await session.append({ type: "turn_started", turn: 1, text: "Jane Roe, sk-ant-secret" });
  await session.append({ type: "notice", level: "warn", text: "Jane Roe" });
  await turnEnds("failed", "data/wrong");
  await turnEnds("failed", "Jane Roe: sk-ant-secret");
  await evaluated([score("run_1")], "run_1");
  expect(notices).toHaveLength(3);
  expect(JSON.stringify(notices)).not.toMatch(/Jane|sk-ant|patients/);
});

it("a record of another shape does not disturb the session", async () => {
  await session.append({ type: "recorded", kind: "evaluation", body: { scores: 3 }, ledger_head: null });
  expect(notices).toEqual([]);
});

it("has words for questions", () => {
  expect(waitsForYou("main:3", ["bash"]).text).toBe("It waits for your word on a call: bash.");
  expect(waitsForYou("main:4", ["bash", "publish_model", "bash"]).text).toBe(
    "It waits for your word on 3 calls: bash, publish_model.",
  );
});

it("tells of a share of the budget that is spent", async () => {
  const limit = String(5n * 10n ** 12n);
  await session.append({
    type: "budget_settled",
    id: "x",
    lines: [{ kind: "input", of: "m", quantity: 1, usd: "4" }],
  });
  await session.append({ type: "budget_mark", resource: "usd", percent: 80, limit });
  expect(notices).toMatchObject([
    { kind: "budget", text: "80 % of the budget is spent: $4.00 of $5.00.", facts: { percent: 80 } },
  ]);
});
