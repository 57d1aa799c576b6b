import type { Session } from "@ml-intern/intern";
import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

/**
 * A session with a person in front of it: turn after turn, until they leave. With no session they are asked for a task. The
 * work does not depend on the face: should that break, the turn goes on in plain text. Returns the exit code of the last turn.
 */
export async function chat(
  session: Session | null,
  options: WorkOptions,
  context: CommandContext,
): Promise<number> {
  // From here on keys wait for the face as they are typed, while it is loaded.
  process.stdin.setRawMode(true);
  try {
    const { openChat } = await import("../chat/open-chat.ts");
    return await openChat(session, options, context);
  } finally {
    process.stdin.setRawMode(false);
  }
}
