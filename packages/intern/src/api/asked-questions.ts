import type { FaultyAnswer } from "../approvals/answer-approval.ts";
import type { Approve, Question } from "../approvals/answer-questions.ts";
import type { AskedCall, CallAnswer } from "../approvals/approval-event.ts";
import { SessionError } from "../session/session-error.ts";

export interface OpenQuestion {
  readonly request: string;
  /** Who asks: `main`, or the path of a sub-agent such as `main/research`. */
  readonly agent: string;
  readonly calls: readonly AskedCall[];
}

/** A face without a screen: keeps what is asked until somebody looks and answers. */
export class AskedQuestions {
  readonly #asked = new Map<
    string,
    { question: Question; settle: (answers: readonly CallAnswer[]) => void }
  >();

  approve: Approve = (question, signal) =>
    new Promise((resolve) => {
      const settle = (answers: readonly CallAnswer[]): void => {
        signal.removeEventListener("abort", leave);
        this.#asked.delete(question.request);
        resolve(answers);
      };
      const leave = (): void => settle([]);
      signal.addEventListener("abort", leave);
      this.#asked.set(question.request, { question, settle });
    });

  list(): readonly OpenQuestion[] {
    return [...this.#asked.values()].map(({ question: { request, agent, calls } }) => ({
      request,
      agent,
      calls,
    }));
  }

  /** Gives answers to some or all calls of a question. What is returned is wrong with them, and then none is taken. */
  answer(request: string, answers: readonly CallAnswer[]): readonly FaultyAnswer[] {
    const asked = this.#asked.get(request);
    if (asked === undefined)
      throw new SessionError("session/no_question", `Nothing is asked under the name ${request}.`, {
        mend: "It may have been answered already. List the questions that are open.",
      });
    const problems = asked.question.check(answers);
    if (problems.length === 0) asked.settle(answers);
    return problems;
  }
}
