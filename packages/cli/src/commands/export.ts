import { resolve } from "node:path";
import { exportTrace, openSessionRedactor, writeTrace } from "@ml-intern/intern";
import type { ExportCommand } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { describeRedacted } from "../terminal/describe-redacted.ts";
import { plural } from "../terminal/format.ts";
import { UsageError } from "../usage-error.ts";

/** Writes a session's trace to standard output or to a file. What was done is said on standard error. */
export async function exportSession(command: ExportCommand, context: CommandContext): Promise<number> {
  const { session, format, output } = command;
  const { home, env, out, drained, error } = context;
  const redactor = command.redacts ? await openSessionRedactor({ home, session, env }) : null;
  const lines = exportTrace({ home, session, format, redactor });
  if (output === null) {
    for await (const line of lines) {
      out(line);
      await drained();
    }
  } else {
    const path = resolve(output);
    const count = await writeTrace(path, lines).catch((failure: unknown) => {
      throw cannotWrite(path, failure);
    });
    error(`${plural(count, "line")} in ${path}.\n`);
  }
  error(redactor === null ? "Nothing was redacted.\n" : `${describeRedacted(redactor.counts)}\n`);
  return EXIT.published;
}

/** What the path does not allow, in words; every other failure as it was. */
function cannotWrite(path: string, failure: unknown): unknown {
  const code = failure instanceof Error && "syscall" in failure && "code" in failure ? failure.code : null;
  return code === null
    ? failure
    : new UsageError(`${path} cannot be written: ${code}.`, "Name a file in a folder that you may write to.");
}
