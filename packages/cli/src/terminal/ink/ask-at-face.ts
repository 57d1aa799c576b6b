import type { ApprovalRequest, AskedCall, CallAnswer } from "@ml-intern/intern";
import { describeRequest } from "../ask-person.ts";
import { withoutControls } from "../plain-text.ts";
import { ApprovalList } from "./approval-list.ts";
import { editText } from "./edit-text.ts";
import type { InkFace } from "./ink-face.ts";
import { TextQuestion } from "./text-question.ts";

interface AskOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Puts a request to the person; null when they leave it, the signal aborts or the face is gone. */
export async function askAtFace(
  face: InkFace,
  request: ApprovalRequest,
  options: AskOptions,
): Promise<CallAnswer | null> {
  if (request.kind === "call") {
    const answers = await askAboutCalls(face, [request.call], options);
    return answers?.[0] ?? null;
  }
  const { callId: id } = request;
  const lines = withoutControls(describeRequest(request)).split("\n");
  const hint = "enter or y: yes · n: no · or write what should be different";
  const answer = await face.ask(new TextQuestion(lines, hint), options.signal);
  if (answer === null) return null;
  if (/^(y|yes)?$/i.test(answer)) return { id, kind: "approve" };
  return { id, kind: "reject", words: /^(n|no)$/i.test(answer) ? "" : answer };
}

/** All calls of one answer together; each may be edited before it is approved. */
export async function askAboutCalls(
  face: InkFace,
  calls: readonly AskedCall[],
  { env, signal }: AskOptions,
): Promise<readonly CallAnswer[] | null> {
  const list = new ApprovalList(calls);
  for (;;) {
    const answer = await face.ask(list, signal);
    if (answer === null || answer.kind === "answers") return answer?.answers ?? null;
    const { id, input } = answer.call;
    const text = await face.lend(() => editText(JSON.stringify(input, null, 2), { env, name: "call.json" }));
    const edited = parseObject(text);
    if (edited === null) face.print(["The call is as it was: what came back is not a JSON object."]);
    else list.take(id, edited);
  }
}

function parseObject(text: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) // an object of JSON has such keys and values
      : null;
  } catch {
    return null; // the person hears of it
  }
}
