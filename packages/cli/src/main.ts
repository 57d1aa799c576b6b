import { once } from "node:events";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describeFailure } from "@ml-intern/intern/failures";
import { parseCommand } from "./arguments.ts";
import type { CommandContext } from "./command-context.ts";
import { runCommand } from "./commands/run-command.ts";
import { EXIT, exitCodeOfCause } from "./exit-code.ts";
import { createStyle, wantsColours } from "./terminal/style.ts";

const OUR_FAULT =
  "Everything that was said to be kept is kept. Please report it; ML_INTERN_DEBUG=1 shows where it happened.";

/** The command line, from its words to the process's exit code. Never rejects. */
export async function main(argv: readonly string[]): Promise<void> {
  const { env, stdout, stderr, stdin } = process;
  const context: CommandContext = {
    home: resolve(env.ML_INTERN_HOME || join(homedir(), ".ml-intern")),
    env,
    out: (text) => void stdout.write(text),
    drained: async () => {
      if (stdout.writableNeedDrain) await once(stdout, "drain");
    },
    error: (text) => void stderr.write(text),
    style: createStyle(wantsColours(stdout, env)),
    interactive: stdin.isTTY === true && stdout.isTTY === true,
  };
  // A reader that went away (`| head`) is no reason to leave a half-written session behind.
  stdout.on("error", () => process.exit(EXIT.stopped));
  try {
    process.exitCode = await runCommand(parseCommand(argv), context);
  } catch (error) {
    const { code, message, mend } = describeFailure(error);
    context.error(`ml-intern: ${message}\n  ${code === "internal" ? OUR_FAULT : mend}\n`);
    if (code === "internal" && env.ML_INTERN_DEBUG !== undefined && error instanceof Error)
      context.error(`${error.stack}\n`);
    process.exitCode = exitCodeOfCause(code);
  }
}
