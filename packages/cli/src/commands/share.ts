import { shareSession } from "@ml-intern/intern";
import type { ShareCommand } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { confirm } from "../terminal/confirm.ts";
import { describeRedacted } from "../terminal/describe-redacted.ts";
import { plural } from "../terminal/format.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Uploads what is new of a session's trace, redacted, to a private dataset. Nothing leaves the machine without a yes. A
 * Ctrl-C simply ends it: the next time it goes on where it was.
 */
export async function share(command: ShareCommand, context: CommandContext): Promise<number> {
  const { session, repo, hub } = command;
  const { home, env, out, style, interactive } = context;
  if (hub === "hf" && !command.yes && !(await mayLeave(session, interactive))) return EXIT.stopped;
  const signal = new AbortController().signal;
  const shared = await shareSession({
    home,
    env,
    session,
    repo,
    hub,
    allowPublic: command.allowsPublic,
    signal,
  });
  if (shared.files.length === 0) out(`Everything of ${session} is in ${shared.repo} already.\n`);
  else {
    out(`${style.verified("✔")} ${plural(shared.lines, "line")} added to ${shared.repo}\n  ${shared.url}\n`);
    out(`${describeRedacted(shared.redacted)}\n`);
  }
  if (hub === "local")
    out(style.dim("It is on this machine: `ml-intern serve` shows it; --hub hf uploads it.\n"));
  return EXIT.published;
}

async function mayLeave(session: string, interactive: boolean): Promise<boolean> {
  if (interactive) return confirm(`Upload the trace of ${session} to huggingface.co?`);
  throw new UsageError("Nobody is here to be asked whether the trace may leave this machine.", "Add --yes.");
}
