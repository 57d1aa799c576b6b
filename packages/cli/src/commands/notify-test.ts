import { randomUUID } from "node:crypto";
import { loadInternConfiguration, type Notice, tryChannels } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

/** Sends one notice to every channel of the configuration. Exit code 5 when it did not arrive on one of them. */
export async function notifyTest({ home, env, out, error, style }: CommandContext): Promise<number> {
  const { notifications } = await loadInternConfiguration({ home, env });
  if (notifications.channels.length === 0) {
    error(
      "ml-intern: there are no channels.\n  Add `notifications.channels` to intern.yaml: docs/configuration.md.\n",
    );
    return EXIT.badInput;
  }
  const notice: Notice = {
    kind: "needs_you",
    id: randomUUID(),
    session: "test",
    time: new Date().toISOString(),
    title: "ml-intern: a test",
    text: "Notices arrive here. Nothing needs you.",
    facts: {},
  };
  const signal = AbortSignal.timeout(15_000);
  const tried = await tryChannels(notifications, { notice, env, signal });
  for (const { channel, problem } of tried) {
    if (problem === null) out(`${style.verified("✓")} ${channel}\n`);
    else out(`${style.failure("✗")} ${problem.message}\n${style.dim(`    ${problem.mend}`)}\n`);
  }
  return tried.every(({ problem }) => problem === null) ? EXIT.published : EXIT.environment;
}
