import type { Session } from "../session/session-store.ts";
import { answerApproval, type FaultyAnswer } from "./answer-approval.ts";
import type { ApprovableTool } from "./approvable-tool.ts";
import type { AskedCall, CallAnswer } from "./approval-event.ts";
import { waiting } from "./approval-state.ts";

/** All calls of one answer of the model that wait for a person's word. */
export interface Question {
  /** Names it in the session's events. */
  readonly request: string;
  /** Who asks: `main`, or the path of a sub-agent such as `main/research`. */
  readonly agent: string;
  readonly calls: readonly AskedCall[];
  /** What is wrong with answers, such as an edited call that does not fit its tool's schema; nothing when they will do. */
  check(answers: readonly CallAnswer[]): readonly FaultyAnswer[];
}

/**
 * Puts a question to the person. Answers to some of the calls are kept, and the rest is asked about again; without any, the
 * question stays open for another face. `signal` aborts when the turn stops, and when somebody else has answered.
 */
export type Approve = (question: Question, signal: AbortSignal) => Promise<readonly CallAnswer[]>;

/** A person who agreed to everything beforehand. */
export const approveAll: Approve = async ({ calls }) => calls.map(({ id }) => ({ id, kind: "approve" }));

export interface AnswerQuestionsOptions {
  readonly approve: Approve;
  readonly tools: readonly ApprovableTool[];
  /** Whether what a stop or a crash left open is asked again, when the turn has begun. */
  readonly resumes: boolean;
  readonly signal: AbortSignal;
}

/** Puts a session's questions to the person until it is disposed of. What they have not answered by then stays open. */
export function answerQuestions(session: Session, options: AnswerQuestionsOptions): Disposable {
  const asking = new Map<string, Asking>();
  const put = async (request: string): Promise<void> => {
    try {
      while (await putOnce({ ...options, session, request, asking }));
    } catch (error) {
      if (options.signal.aborted) return;
      const text = `The person could not be asked: ${error instanceof Error ? error.message : error}`;
      await session.append({ type: "notice", level: "warn", text }).catch(() => undefined); // the turn ends by itself then
    }
  };
  const putOpen = (): void => {
    for (const { request } of session.state.approvals.requests)
      if (!asking.has(request) && openCalls(session, request) !== null) void put(request);
  };
  const stop = session.subscribe((event) => {
    for (const [request, { calls, gone }] of asking) {
      const open = openCalls(session, request)?.calls ?? [];
      if (open.length !== calls.length || !calls.every((call) => open.includes(call))) gone.abort();
    }
    if (event.type === "approval_asked" || (event.type === "turn_started" && options.resumes)) putOpen();
  });
  return { [Symbol.dispose]: stop };
}

/** A question that is before the person now. `gone` aborts when it is no more what it was. */
interface Asking {
  readonly calls: readonly AskedCall[];
  readonly gone: AbortController;
}

/** Whether there may be more to ask. */
async function putOnce({
  session,
  request,
  asking,
  approve,
  tools,
  signal,
}: AnswerQuestionsOptions & {
  readonly session: Session;
  readonly request: string;
  readonly asking: Map<string, Asking>;
}): Promise<boolean> {
  const open = openCalls(session, request);
  if (open === null) return false;
  const { agent, calls } = open;
  const gone = new AbortController();
  const answer = (answers: readonly CallAnswer[]) =>
    answerApproval(session.state.approvals, { request, answers, tools });
  const check = (answers: readonly CallAnswer[]): readonly FaultyAnswer[] => {
    const answered = answer(answers);
    return answered.kind === "faulty" ? answered.problems : [];
  };
  asking.set(request, { calls, gone });
  try {
    const answers = await approve({ request, agent, calls, check }, AbortSignal.any([signal, gone.signal]));
    if (signal.aborted) return false;
    if (gone.signal.aborted) return true;
    if (answers.length === 0) return false;
    const answered = answer(answers);
    if (answered.kind === "faulty")
      throw new Error(answered.problems.map(({ message }) => message).join(" "));
    await session.append(answered.event);
    return true;
  } catch (error) {
    if (gone.signal.aborted && !signal.aborted) return true;
    throw error;
  } finally {
    asking.delete(request);
  }
}

/** Who asks, and the calls that nobody has answered; null where there are none. */
function openCalls({ state }: Session, request: string): Pick<Question, "agent" | "calls"> | null {
  const asked = state.approvals.requests.find((each) => each.request === request);
  const calls = asked === undefined ? [] : waiting(asked);
  return asked === undefined || calls.length === 0 ? null : { agent: asked.agent, calls };
}
