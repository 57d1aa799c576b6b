import { createSession } from "@ml-intern/intern";
import type { Command } from "../arguments.ts";
import type { CommandContext } from "../command-context.ts";
import { announce } from "./announce.ts";
import { workOnSession } from "./work-on-session.ts";

const ITERATIONS = 300;

/** A new task, from its words to a published model. */
export async function task(
  command: Extract<Command, { kind: "task" }>,
  context: CommandContext,
): Promise<number> {
  const { options } = command;
  const never = new AbortController().signal;
  await using session = await createSession(
    {
      task: command.task,
      data: options.data,
      target: options.target,
      model: options.model,
      budgetUsd: options.budgetUsd,
      maxIterations: options.maxIterations ?? ITERATIONS,
      sandbox: options.sandbox ?? "auto",
      hub: options.hub ?? "local",
    },
    context,
    never,
  );
  if (!options.json) await announce(session, options, context);
  return await workOnSession(session, options, context);
}
