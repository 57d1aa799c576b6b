import { readFileSync } from "node:fs";
import type { Command } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { HELP } from "../help.ts";
import { canChat } from "./can-chat.ts";

/** Runs one command and returns the exit code. Each command's code is loaded only when it is used. */
export async function runCommand(command: Command, context: CommandContext): Promise<number> {
  switch (command.kind) {
    case "help":
      context.out(HELP);
      return EXIT.published;
    case "version":
      context.out(`ml-intern ${version()}\n`);
      return EXIT.published;
    case "chat":
      if (canChat(command.options, context))
        return (await import("./chat.ts")).chat(null, command.options, context);
      context.out(HELP);
      return EXIT.published;
    case "task":
      return (await import("./task.ts")).task(command, context);
    case "demo":
      return (await import("./demo.ts")).demo(command, context);
    case "resume":
      return (await import("./resume.ts")).resume(command, context);
    case "sessions":
      return (await import("./sessions.ts")).sessions(command, context);
    case "steps":
      return (await import("./steps.ts")).steps(command, context);
    case "undo":
      return (await import("./undo.ts")).undo(command, context);
    case "fork":
      return (await import("./fork.ts")).fork(command, context);
    case "models":
      return (await import("./models.ts")).models(command, context);
    case "doctor":
      return (await import("./doctor.ts")).doctor(command, context);
    case "setup":
      return (await import("./setup.ts")).setup(context);
    case "serve":
      return (await import("./serve.ts")).serve(command, { ...context, version: version() });
    case "usage":
      return (await import("./usage.ts")).usage(command, context);
    case "session_usage":
      return (await import("./session-usage.ts")).sessionUsage(command, context);
    case "cache":
      return (await import("./cache.ts")).cache(command, context);
    case "docs":
      return (await import("./docs.ts")).docs(command, context);
    case "export":
      return (await import("./export.ts")).exportSession(command, context);
    case "share":
      return (await import("./share.ts")).share(command, context);
    case "keys_create":
      return (await import("./keys-create.ts")).keysCreate(command, context);
    case "ledger_verify":
      return (await import("./ledger-verify.ts")).ledgerVerify(command, context);
    case "notify_test":
      return (await import("./notify-test.ts")).notifyTest(context);
    default:
      return command satisfies never;
  }
}

function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
