import type { CallAnswer, Question } from "@ml-intern/intern";
import { editCall } from "../edit-call.ts";
import { ApprovalList } from "./approval-list.ts";
import type { InkFace } from "./ink-face.ts";

interface AskOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Puts a question to the person; null when they leave it, the signal aborts or the face is gone. */
export async function askAtFace(
  face: InkFace,
  { agent, calls, check }: Question,
  { env, signal }: AskOptions,
): Promise<readonly CallAnswer[] | null> {
  const list = new ApprovalList(calls, agent);
  for (;;) {
    const answer = await face.ask(list, signal);
    if (answer === null || answer.kind === "answers") return answer?.answers ?? null;
    const { call } = answer;
    list.take(call.id, await face.lend(() => editCall(call, { before: list.edited(call.id), env, check })));
  }
}
