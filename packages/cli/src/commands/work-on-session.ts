import { type Approve, approveAll, type Session, type SessionEvent, work } from "@ml-intern/intern";
import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { exitCodeOf } from "../exit-code.ts";
import { watchInterrupts } from "../interrupts.ts";
import { askPerson } from "../terminal/ask-person.ts";
import { summarise } from "../terminal/summarise.ts";
import { TerminalFace } from "../terminal/terminal-face.ts";
import { canChat } from "./can-chat.ts";
import { jsonStream } from "./json-stream.ts";

/**
 * Works on an open session with a face in front; returns the exit code. At a terminal the person can go on after the turn;
 * otherwise it ends with it.
 */
export async function workOnSession(
  session: Session,
  options: WorkOptions,
  context: CommandContext,
): Promise<number> {
  // Ink and React are loaded only where they are used.
  if (canChat(options, context)) return await (await import("./chat.ts")).chat(session, options, context);
  const { home, env, out, error, style } = context;
  const { id } = session.state;
  // Without a person the policy says what becomes of questions.
  const ask: Approve | null =
    context.interactive && !options.json
      ? (question, signal) => askPerson(question, { style, out, env, signal })
      : null;
  const approve = options.yes ? approveAll : ask;
  const face = new TerminalFace({ write: out, style });
  const show = options.json ? jsonStream(context) : (event: SessionEvent): void => face.show(event);
  if (options.json) await showPast(session, show);
  const unsubscribe = session.subscribe(show);
  using interrupts = watchInterrupts({
    onFirst: () => error("\nStopping … (Ctrl-C again quits at once)\n"),
  });
  try {
    const result = await work(session, {
      home,
      env,
      approve,
      signal: interrupts.signal,
    });
    if (!options.json) out(summarise(session, style));
    if (!["published", "answered", "bad_input"].includes(result.outcome)) {
      error(`Everything is kept. To go on: ml-intern resume ${id}\n`);
    }
    return exitCodeOf(result.outcome, result.cause?.code);
  } finally {
    unsubscribe();
  }
}

/** The JSON stream begins with the event that made the session, so that a reader has the whole log. */
async function showPast(session: Session, show: (event: SessionEvent) => void): Promise<void> {
  for (const event of await session.past()) show(event);
}
