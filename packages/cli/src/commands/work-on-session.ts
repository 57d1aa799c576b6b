import type { ApprovalRequest, Session, SessionEvent } from "@ml-intern/intern";
import { work } from "@ml-intern/intern";
import type { WorkOptions } from "../arguments.ts";
import type { CommandContext } from "../command-context.ts";
import { exitCodeOf } from "../exit-code.ts";
import { watchInterrupts } from "../interrupts.ts";
import { askPerson } from "../terminal/ask-person.ts";
import { summarise } from "../terminal/summarise.ts";
import { TerminalFace } from "../terminal/terminal-face.ts";

/** Works on an open session with a face in front, to the end of its turn; returns the exit code. */
export async function workOnSession(
  session: Session,
  options: Pick<WorkOptions, "yes" | "json">,
  context: CommandContext,
): Promise<number> {
  const { home, env, out, error, style } = context;
  const { id } = session.state;
  const face = new TerminalFace({ write: out, style });
  const show = options.json
    ? (event: SessionEvent): void => out(`${JSON.stringify(event)}\n`)
    : (event: SessionEvent): void => face.show(event);
  if (options.json) await showPast(session, show);
  const unsubscribe = session.subscribe(show);
  using interrupts = watchInterrupts({
    onFirst: () => error("\nStopping … (Ctrl-C again quits at once)\n"),
  });
  try {
    const result = await work(session, {
      home,
      env,
      approve: (request, signal) => approve(request, { ...options, context, signal }),
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

/**
 * Terms of a contract are shown and, at a terminal, asked about; without one they are taken, since nothing leaves the
 * machine. Publishing to huggingface.co does leave it, so without a terminal it needs --yes.
 */
async function approve(
  request: ApprovalRequest,
  options: { yes: boolean; json: boolean; context: CommandContext; signal: AbortSignal },
): Promise<boolean> {
  const { yes, json, context, signal } = options;
  if (yes) return true;
  const outward = request.kind === "publish" && !request.url.startsWith("http://127.0.0.1");
  if (request.kind === "publish" && !outward) return true;
  if (!context.interactive || json) {
    if (outward) context.error(`Publishing to ${request.url} needs --yes when nobody can be asked.\n`);
    return !outward;
  }
  return askPerson(request, { style: context.style, out: context.out, signal });
}
