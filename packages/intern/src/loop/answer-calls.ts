import type { ToolAnswer, ToolCall } from "../session/session-event.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";

export interface AnswerOptions {
  readonly session: Session;
  readonly workbench: Workbench;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly signal: AbortSignal;
}

/**
 * Answers every pending call of the last message, in order, until none is left. After a crash it goes on where it
 * was: answered calls keep their answers, a call that had begun is made again only when that is safe.
 */
export async function answerCalls(options: AnswerOptions): Promise<void> {
  const { session, signal } = options;
  for (;;) {
    const call = session.state.pending[0];
    if (call === undefined) return;
    signal.throwIfAborted();
    const { id, name } = call;
    const begun = Date.now();
    const answer = await answerCall(call, options);
    await session.append({ type: "tool_finished", id, name, duration_ms: Date.now() - begun, ...answer });
  }
}

async function answerCall(
  call: ToolCall & { readonly started: boolean },
  options: AnswerOptions,
): Promise<ToolAnswer> {
  const { session, workbench, tools, signal } = options;
  const { id, name, input, started } = call;
  const tool = tools.get(name);
  if (tool === undefined) {
    return failure(
      "tool/unknown",
      `There is no tool ${name}.`,
      `Use one of: ${[...tools.keys()].join(", ")}.`,
    );
  }
  if (wasCutOff(session, id)) {
    return failure(
      "tool/cut_off",
      "The call was cut off by the output limit and was not executed.",
      "Send it again in smaller pieces: write long files in several steps.",
    );
  }
  if (started && !tool.repeatable) {
    return failure(
      "tool/interrupted",
      "ml-intern was stopped while this call was running; whether it had effects is not known.",
      "Look at the state of the workspace, then repeat what is missing.",
    );
  }
  const begun = started ? null : session.append({ type: "tool_started", id, name, input });
  begun?.catch(() => undefined); // awaited below; the tool must not be left running when it fails
  // Only what must not be done twice has to be on record before it is done: the disk's sync need not be waited for.
  if (!tool.repeatable) await begun;
  const show = (text: string): void => session.show({ type: "tool_output", id, text });
  const answer = await tool.run(input, { workbench, session, callId: id, show, signal });
  await begun;
  return answer;
}

/** The last call of a message that hit the output limit is incomplete; its arguments cannot be trusted. */
function wasCutOff(session: Session, id: string): boolean {
  const last = session.state.lastMessage;
  if (last?.stop_reason !== "max_tokens") return false;
  const block = last.content.at(-1);
  return block?.type === "tool_use" && block.id === id;
}

function failure(code: string, message: string, mend: string): ToolAnswer {
  return { content: JSON.stringify({ error: { code, message, mend } }), is_error: true };
}
