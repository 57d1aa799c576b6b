import { once } from "node:events";
import { join } from "node:path";
import { createGateway, serveGateway } from "@ml-intern/gateway";
import { createHub, serveHub } from "@ml-intern/hub";
import {
  createEngines,
  createSessionApi,
  describeFailure,
  prepareHome,
  SessionRunner,
} from "@ml-intern/intern";
import { Hono } from "hono";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { watchInterrupts } from "../interrupts.ts";

/**
 * Messages server, hub and session API on loopback, until Ctrl-C or SIGTERM. When all listen it prints one JSON line
 * with their base URLs.
 */
export async function serve(
  ports: { port: number; hubPort: number },
  context: CommandContext,
): Promise<number> {
  const { home, env, out, error } = context;
  const failed = (id: string, failure: unknown): void => {
    const { message, mend } = describeFailure(failure);
    error(`session ${id}: ${message}\n  ${mend}\n`);
  };
  await prepareHome(home);
  await using runner = new SessionRunner({ home, env }, failed);
  const app = new Hono();
  app.route("/api", createSessionApi({ home, runner }));
  app.mount("/", createGateway({ engines: createEngines(env) }).fetch);
  await using messages = await serveGateway({ app, port: ports.port });
  await using hub = await serveHub({ app: createHub({ root: join(home, "hub") }), port: ports.hubPort });
  using interrupts = watchInterrupts({ onFirst: () => error("Stopping …\n") });
  out(`${JSON.stringify({ messages: messages.url, hub: hub.url, api: `${messages.url}/api` })}\n`);
  if (!interrupts.signal.aborted) await once(interrupts.signal, "abort");
  return EXIT.published;
}
