import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { answerApproval, callsLike } from "./answer-approval.ts";
import type { ApprovableTool } from "./approvable-tool.ts";
import {
  type ApprovalAsked,
  type ApprovalEvent,
  type CallAnswer,
  callAnswersSchema,
} from "./approval-event.ts";
import { type ApprovalState, applyApproval, NO_APPROVALS, waiting } from "./approval-state.ts";
import {
  type ApprovedCall,
  approvalFor,
  type GatedCall,
  type GateOptions,
  gate,
  isApproved,
} from "./gate.ts";
import { createPolicy } from "./policy.ts";
import type { CallFacts } from "./tool-request.ts";

interface UploadTool extends ApprovableTool {
  run(call: ApprovedCall<UploadTool>): string;
}

/** A tool of the kind that has to be asked about: it sends something to a repository, for a price. */
function uploadTool(price: () => number | null = () => 0): UploadTool {
  const schema = z.strictObject({ repo: z.string().min(1), note: z.string().optional() });
  return {
    name: "upload",
    origin: "built-in",
    parse(input) {
      const parsed = schema.safeParse(input);
      if (parsed.success) return { ok: true, input: parsed.data };
      return { ok: false, cause: { code: "tool/wrong_arguments", message: parsed.error.message, mend: "" } };
    },
    facts: async (input): Promise<CallFacts> => {
      if (input.repo === "unreachable") throw new Error("The hub does not answer.");
      return {
        readOnly: false,
        estimatedUsd: price(),
        hosts: ["huggingface.co"],
        target: { name: String(input.repo), visibility: "private" },
      };
    },
    run: ({ input }) => `uploaded to ${String(input.repo)}`,
  };
}

const upload = uploadTool();
const calls = [
  { id: "a", tool: upload, input: { repo: "me/one" } },
  { id: "b", tool: upload, input: { repo: "me/two" } },
];

function options(differs: Partial<GateOptions> = {}): GateOptions {
  return {
    policy: createPolicy({ rules: [{ decision: "deny", target: { name: "you/*" }, why: "Not yours." }] }),
    approvals: NO_APPROVALS,
    request: "main:1",
    agent: "main",
    presence: "person",
    signal: AbortSignal.timeout(60_000),
    ...differs,
  };
}

/** As through a log on disk, and a fold after a restart. */
function kept(events: readonly (ApprovalEvent | null)[]): ApprovalState {
  return events.reduce<ApprovalState>(
    (state, event) => applyApproval(state, JSON.parse(JSON.stringify(event)) as ApprovalEvent),
    NO_APPROVALS,
  );
}

function given(answers: readonly CallAnswer[], request = "main:1"): ApprovalEvent {
  return { type: "approval_given", request, answers };
}

async function ask(): Promise<ApprovalAsked> {
  const asked = approvalFor(await gate(calls, options()), options());
  if (asked === null) throw new Error("nothing is asked");
  return asked;
}

function kinds(gated: readonly GatedCall<UploadTool>[]): readonly string[] {
  return gated.map(({ kind }) => kind);
}

test("a tool takes only what came through the gate", async () => {
  const [first] = await gate(calls, options({ presence: "agreed" }));
  expect(first?.kind === "approved" && first.tool.run(first)).toBe("uploaded to me/one");
  expect(isApproved(first)).toBe(true);
  const forged = { kind: "approved", id: "a", tool: upload, input: {}, isEdited: false, verdict: null };
  expect(isApproved(forged)).toBe(false);
  expectTypeOf<Omit<ApprovedCall<UploadTool>, never>>().not.toExtend<ApprovedCall<UploadTool>>();
});

test("all questions of one message are one request, which survives a restart", async () => {
  const asked = await ask();
  expect(asked).toMatchObject({ request: "main:1", agent: "main", calls: [{ id: "a" }, { id: "b" }] });
  expect(asked.calls[0]).toMatchObject({ tool: "upload", input: { repo: "me/one" }, rule: "default:rest" });
  const approvals = kept([asked]);
  const again = await gate(calls, options({ approvals }));
  expect(kinds(again)).toEqual(["waiting", "waiting"]);
  expect(approvalFor(again, options())).toBeNull();
  expect(approvals.requests.flatMap(waiting).map(({ id }) => id)).toEqual(["a", "b"]);
});

test("calls are asked about while they arrive, and together when all are there", async () => {
  expect(kinds(await gate(calls.slice(0, 1), options()))).toEqual(["waiting"]);
  expect((await ask()).calls).toHaveLength(2);
});

test("each call has its own answer: approved, edited, or rejected with words for the model", async () => {
  const answers = [
    { id: "a", kind: "approve_edited", input: { repo: "me/other" } },
    { id: "b", kind: "reject", words: "Not before the test." },
  ] as const;
  const [first, second] = await gate(calls, options({ approvals: kept([await ask(), given(answers)]) }));
  expect(first).toMatchObject({ kind: "approved", input: { repo: "me/other" }, isEdited: true });
  expect(second).toMatchObject({
    kind: "refused",
    cause: { code: "approval/rejected", message: expect.stringContaining("Not before the test.") },
  });
});

test("an edited call is held against the schema and the prohibitions again", async () => {
  for (const [input, code] of [
    [{ repo: 7 }, "tool/wrong_arguments"],
    [{ repo: "you/model" }, "approval/denied"],
  ] as const) {
    const approvals = kept([await ask(), given([{ id: "a", kind: "approve_edited", input }])]);
    expect((await gate(calls, options({ approvals })))[0]).toMatchObject({
      kind: "refused",
      cause: { code },
    });
  }
});

test("the first of two answers counts, and one that is read twice counts once", async () => {
  const yes = given([{ id: "a", kind: "approve", always: { tool: "upload" } }]);
  const no = given([{ id: "a", kind: "reject", words: "" }]);
  const approvals = kept([await ask(), yes, no, yes]);
  expect(kinds(await gate(calls, options({ approvals })))).toEqual(["approved", "approved"]);
  expect(approvals.always).toEqual([{ tool: "upload" }]);
});

test("an answer holds for the call that was seen, and for no other by its name", async () => {
  const yes = given([{ id: "a", kind: "approve" }]);
  const approvals = kept([await ask(), yes]);
  const other = [{ id: "a", tool: upload, input: { repo: "me/secret" } }];
  expect(kinds(await gate(other, options({ approvals })))).toEqual(["waiting"]);
  expect(kinds(await gate(calls, options({ approvals, request: "main:2" })))).toEqual(["waiting", "waiting"]);
  expect(kinds(await gate(calls, options({ approvals, agent: "main/x" })))).toEqual(["waiting", "waiting"]);
  const asked = approvalFor(await gate(other, options({ approvals })), options());
  expect(asked?.calls).toHaveLength(1);
  expect(kinds(await gate(other, options({ approvals: kept([await ask(), yes, asked]) })))).toEqual([
    "waiting",
  ]);
});

test("what has become dearer since is asked about again, what has become cheaper is not", async () => {
  let price: number | null = 2;
  const tool = uploadTool(() => price);
  const call = [{ id: "a", tool, input: { repo: "me/one" } }];
  const approvals = kept([
    approvalFor(await gate(call, options()), options()),
    given([{ id: "a", kind: "approve" }]),
  ]);
  for (const [now, kind] of [
    [2, "approved"],
    [1.5, "approved"],
    [2.01, "waiting"],
    [null, "waiting"],
  ] as const) {
    price = now;
    expect(kinds(await gate(call, options({ approvals })))).toEqual([kind]);
  }
});

test("a cost that is no amount is one that nobody knows", async () => {
  const policy = createPolicy({ rules: [{ decision: "allow", tool: "upload", costUsd: { atMost: 5 } }] });
  for (const [usd, kind] of [
    [5, "approved"],
    [Number.NaN, "waiting"],
    [-1, "waiting"],
    [Number.POSITIVE_INFINITY, "waiting"],
  ] as const) {
    const call = { id: "a", tool: uploadTool(() => usd), input: { repo: "me/one" } };
    expect(kinds(await gate([call], options({ policy })))).toEqual([kind]);
  }
});

test("a prohibition holds for a call that was approved before it", async () => {
  const approvals = kept([await ask(), given([{ id: "a", kind: "approve" }])]);
  const policy = createPolicy({ rules: [{ decision: "deny", tool: "upload" }] });
  expect((await gate(calls, options({ approvals, policy })))[0]).toMatchObject({
    kind: "refused",
    cause: { code: "approval/denied", message: expect.stringContaining("approvals.rules[0]") },
  });
});

test("where nobody can be asked a question is a refusal, with its rule; who has agreed is not asked", async () => {
  expect((await gate(calls, options({ presence: "nobody" })))[0]).toMatchObject({
    kind: "refused",
    cause: { code: "approval/nobody", message: expect.stringContaining("default:rest") },
  });
  expect(kinds(await gate(calls, options({ presence: "agreed" })))).toEqual(["approved", "approved"]);
  const forbidden = [{ id: "a", tool: upload, input: { repo: "you/model" } }];
  expect(kinds(await gate(forbidden, options({ presence: "agreed" })))).toEqual(["refused"]);
});

test("an answer that was given counts also where nobody is there any more", async () => {
  const approvals = kept([await ask(), given([{ id: "a", kind: "approve" }])]);
  expect(kinds(await gate(calls, options({ approvals, presence: "nobody" })))).toEqual([
    "approved",
    "refused",
  ]);
});

test("wrong arguments, and a tool that cannot say what it would do, are refused without a question", async () => {
  const wrong = [
    { id: "a", tool: upload, input: { repo: 7 } },
    { id: "b", tool: upload, input: { repo: "unreachable" } },
  ];
  expect(await gate(wrong, options({ presence: "agreed" }))).toMatchObject([
    { kind: "refused", cause: { code: "tool/wrong_arguments" } },
    { kind: "refused", cause: { message: expect.stringContaining("The hub does not answer.") } },
  ]);
});

test("`always` allows calls like the one that was asked about, and no dearer or other ones", async () => {
  const asked = await ask();
  const always = callsLike(asked.calls[0]!);
  if (always === null) throw new Error("such calls can be allowed");
  const approvals = kept([asked, given([{ id: "a", kind: "approve", always }])]);
  const next = (input: object, tool = upload): Promise<readonly GatedCall<UploadTool>[]> =>
    gate([{ id: "c", tool, input }], options({ approvals, request: "main:2" }));
  expect(kinds(await next({ repo: "me/one", note: "again" }))).toEqual(["approved"]);
  expect(kinds(await next({ repo: "me/two" }))).toEqual(["waiting"]);
  expect(
    kinds(
      await next(
        { repo: "me/one" },
        uploadTool(() => 3),
      ),
    ),
  ).toEqual(["waiting"]);
  expect(callsLike({ ...asked.calls[0]!, estimated_usd: null })).toBeNull();
});

test("a sub-agent's questions stand beside its parent's, and an agent's next question replaces its last", async () => {
  const asked = await ask();
  const sub = { ...asked, request: "main/research:1", agent: "main/research" };
  const both = kept([asked, sub]);
  expect(both.requests.map(({ request }) => request)).toEqual(["main:1", "main/research:1"]);
  const next = kept([asked, sub, { ...asked, request: "main:2" }]);
  expect(next.requests.map(({ request }) => request)).toEqual(["main/research:1", "main:2"]);
});

test("answers are checked before they are kept, and then none of them is", async () => {
  const state = kept([await ask()]);
  const answer = (answers: readonly CallAnswer[], request = "main:1") =>
    answerApproval(state, { request, answers, tools: [upload] });
  const good = { id: "a", kind: "approve" } as const;
  expect(answer([good])).toEqual({ kind: "given", event: given([good]) });
  expect(answer([good], "main:9")).toMatchObject({ kind: "faulty", problems: [{ id: "a" }] });
  expect(
    answer([
      good,
      { id: "b", kind: "approve_edited", input: { repo: "" } },
      { id: "c", kind: "approve" },
      { id: "a", kind: "approve", always: { tool: "bash" } },
    ]),
  ).toMatchObject({
    kind: "faulty",
    problems: [
      { id: "b", message: expect.stringContaining("repo") },
      { id: "c", message: expect.stringContaining("does not wait") },
      { id: "a", message: expect.stringContaining("does not fit") },
    ],
  });
  expect(callAnswersSchema.safeParse([{ id: "a", kind: "approve", edit: {} }]).success).toBe(false);
  expect(callAnswersSchema.parse([good])).toEqual([good]);
});
