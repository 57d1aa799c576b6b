import type { ContractProposal } from "@ml-intern/lab";
import type { SessionEvent } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { AskedCall, CallAnswer } from "./approval-event.ts";
import { waiting } from "./approval-state.ts";

/** Something that the person may want to stop before it happens. */
export type ApprovalRequest =
  | { readonly kind: "contract"; readonly callId: string; readonly proposal: ContractProposal }
  | { readonly kind: "publish"; readonly callId: string; readonly repo: string; readonly url: string }
  | { readonly kind: "call"; readonly callId: string; readonly call: AskedCall };

/** What the person says: yes or no, or an answer with their words or with the call as they edited it. */
export type Approve = (request: ApprovalRequest, signal: AbortSignal) => Promise<boolean | CallAnswer>;

/** Puts a session's questions to the person, those that a stop left open included, until it is disposed of. */
export function answerQuestions(
  session: Session,
  { approve, signal }: { readonly approve: Approve; readonly signal: AbortSignal },
): Disposable {
  const asked = new Set<string>();
  const answer = async (request: string, calls: readonly AskedCall[]): Promise<void> => {
    for (const call of calls) {
      if (asked.has(call.id)) continue;
      asked.add(call.id);
      const said = await approve(requestOf(call), signal);
      signal.throwIfAborted();
      const given = typeof said === "boolean" ? answerOf(call.id, said) : said;
      await session.append({ type: "approval_given", request, answers: [given] });
    }
  };
  // A stop ends the turn, and the question stays open.
  const look = (): void => {
    for (const each of session.state.approvals.requests) {
      void answer(each.request, waiting(each)).catch(() => undefined);
    }
  };
  const stop = session.subscribe((event: SessionEvent) => {
    if (event.type === "approval_asked") look();
  });
  look();
  return { [Symbol.dispose]: stop };
}

function answerOf(id: string, isApproved: boolean): CallAnswer {
  return isApproved ? { id, kind: "approve" } : { id, kind: "reject", words: "" };
}

function requestOf(call: AskedCall): ApprovalRequest {
  const { id: callId, tool, origin, input, target, hosts } = call;
  if (origin === "built-in" && tool === "propose_contract") {
    // The tool has parsed it.
    return { kind: "contract", callId, proposal: input as unknown as ContractProposal };
  }
  if (origin === "built-in" && tool === "publish_model" && target !== null) {
    return { kind: "publish", callId, repo: target.name, url: `https://${hosts[0]}/${target.name}` };
  }
  return { kind: "call", callId, call };
}
