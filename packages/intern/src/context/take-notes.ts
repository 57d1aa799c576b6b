import type Anthropic from "@anthropic-ai/sdk";
import type { Usage } from "@ml-intern/messages";
import { requestFor } from "../loop/request.ts";
import { think } from "../loop/think.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";

export interface Notes {
  readonly text: string;
  readonly usage: Usage;
}

const MOST_TOKENS = 4_000;
/** Less than this is no summary of a long conversation. */
const LEAST_CHARACTERS = 80;

const ASK = `[ml-intern] The conversation is getting too long and is about to be shortened. Write notes for yourself, so that you can
go on without it: what was tried and what came of it, with numbers as they were reported; which files matter and what is in
them; decisions and why; errors that were met and what mended them; what you were about to do. The task, the contract, the
plan, verified scores and runs are kept anyway. At most 800 words, no tool calls.`;

/**
 * Lets the model summarise the conversation, over the same prompt prefix as any request, so that a cache has it. Null when it
 * does not answer, or says nothing of use: the conversation can be shortened without.
 */
export async function takeNotes({
  session,
  client,
  instructions,
  tools,
  signal,
}: {
  readonly session: Session;
  readonly client: Anthropic;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  readonly signal: AbortSignal;
}): Promise<Notes | null> {
  const request = requestFor({
    state: session.state,
    instructions,
    tools,
    maxTokens: MOST_TOKENS,
    last: { role: "user", content: ASK },
  });
  try {
    const { message } = await think({
      client,
      request,
      show: () => undefined,
      notice: async (text) => {
        await session.append({ type: "notice", level: "warn", text });
      },
      onCall: () => undefined,
      callId: (index) => `unused_${index}`,
      signal,
    });
    const text = message.content
      .flatMap((block) => (block.type === "text" ? [block.text] : []))
      .join("\n")
      .trim();
    return text.length < LEAST_CHARACTERS ? null : { text, usage: message.usage };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
