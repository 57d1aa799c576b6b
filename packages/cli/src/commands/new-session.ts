import { createSession, type Session } from "@ml-intern/intern";
import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

const ITERATIONS = 300;

/** A session for a task, as the command line's options want it. */
export function newSession(task: string, options: WorkOptions, context: CommandContext): Promise<Session> {
  const { data, target, model, budgetUsd, maxIterations, sandbox, hub } = options;
  return createSession(
    {
      ...{ task, data, target, model, budgetUsd },
      maxIterations: maxIterations ?? ITERATIONS,
      sandbox: sandbox ?? "auto",
      hub: hub ?? "local",
    },
    context,
    new AbortController().signal,
  );
}
