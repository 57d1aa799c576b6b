import type { Command } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { announce } from "./announce.ts";
import { newSession } from "./new-session.ts";
import { workOnSession } from "./work-on-session.ts";

/** A new task, from its words to a published model. */
export async function task(
  command: Extract<Command, { kind: "task" }>,
  context: CommandContext,
): Promise<number> {
  const { options } = command;
  await using session = await newSession(command.task, options, context);
  if (!options.json) await announce(session, options, context);
  return await workOnSession(session, options, context);
}
