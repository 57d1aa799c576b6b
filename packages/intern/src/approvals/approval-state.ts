import type { ApprovalEvent, AskedCall, CallAnswer } from "./approval-event.ts";
import type { CallMatch } from "./rule.ts";

export interface AskedRequest {
  readonly request: string;
  readonly agent: string;
  /** The call whose sub-agent asks. */
  readonly call?: string;
  readonly calls: readonly AskedCall[];
  readonly answers: readonly CallAnswer[];
}

/** What was asked and answered about calls that have no result yet, folded from the session's events. It outlives a restart as they do. */
export interface ApprovalState {
  /** The newest request of each agent. */
  readonly requests: readonly AskedRequest[];
  /** Calls that the person does not want to be asked about again. */
  readonly always: readonly CallMatch[];
}

export const NO_APPROVALS: ApprovalState = { requests: [], always: [] };

export function applyApproval(state: ApprovalState, event: ApprovalEvent): ApprovalState {
  switch (event.type) {
    case "approval_asked": {
      const { request, agent, call, calls } = event;
      const before = state.requests.find((each) => each.request === request && each.agent === agent);
      // What is asked anew is not what was answered: the call would do something else by now.
      const isAnew = ({ id }: { readonly id: string }): boolean => calls.some((call) => call.id === id);
      const asked = {
        request,
        agent,
        ...(call === undefined ? {} : { call }),
        calls: [...(before?.calls ?? []).filter((call) => !isAnew(call)), ...calls],
        answers: (before?.answers ?? []).filter((answer) => !isAnew(answer)),
      };
      // An agent's next question means that nothing of its earlier ones is left to do. Several of one name may be at work.
      const others = state.requests.filter((each) => each.agent !== agent || each.call !== call);
      return { ...state, requests: [...others, asked] };
    }
    case "approval_given": {
      const asked = state.requests.find((each) => each.request === event.request);
      const first = event.answers.filter(
        ({ id }, index, all) => all.findIndex((each) => each.id === id) === index,
      );
      const answers = first.filter(
        ({ id }) => asked !== undefined && waiting(asked).some((call) => call.id === id),
      );
      const always = answers.flatMap((answer) => (answer.kind === "approve" ? (answer.always ?? []) : []));
      return {
        requests: state.requests.map((each) =>
          each === asked ? { ...each, answers: [...each.answers, ...answers] } : each,
        ),
        always: [...state.always, ...always],
      };
    }
    default:
      return event satisfies never;
  }
}

/**
 * A call that has its result needs no word any more, also when it was dropped before one was given; nor do those of an agent that
 * it has sent, whose ids begin with its own.
 */
export function withoutCall(state: ApprovalState, id: string): ApprovalState {
  const isOf = (each: { readonly id: string }): boolean => each.id === id || each.id.startsWith(`${id}_`);
  if (!state.requests.some(({ call, calls }) => call === id || calls.some(isOf))) return state;
  // What its sub-agent asked is over with it.
  const others = state.requests.filter(({ call }) => call !== id);
  const requests = others.map((each) => ({
    ...each,
    calls: each.calls.filter((call) => !isOf(call)),
    answers: each.answers.filter((answer) => !isOf(answer)),
  }));
  return { ...state, requests };
}

/** The calls of a request that nobody has answered yet. */
export function waiting({ calls, answers }: AskedRequest): readonly AskedCall[] {
  return calls.filter(({ id }) => !answers.some((answer) => answer.id === id));
}

export function isWaiting(request: AskedRequest): boolean {
  return waiting(request).length > 0;
}
