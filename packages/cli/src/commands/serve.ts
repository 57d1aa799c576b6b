import { once } from "node:events";
import { join } from "node:path";
import { isLoopback, serveGateway } from "@ml-intern/gateway";
import { createHub, serveHub } from "@ml-intern/hub";
import { createSessionApi, describeFailure, prepareHome, SessionRunner } from "@ml-intern/intern";
import { Hono } from "hono";
import type { ServeCommand } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { besidePath } from "../serving/beside-path.ts";
import { describeConfiguration, type ServedPlaces } from "../serving/describe-configuration.ts";
import { type LoadedConfiguration, loadConfiguration } from "../serving/load-configuration.ts";
import { openMessages } from "../serving/open-messages.ts";
import { serveOptions } from "../serving/serve-options.ts";
import { stopSignals } from "../serving/stop-signals.ts";

const DEFAULT_SHUTDOWN_SECONDS = 30;

export interface ServeContext extends CommandContext {
  /** Of ml-intern, for traces. */
  readonly version: string;
}

/**
 * Messages server, hub and session API, until Ctrl-C or SIGTERM. When all listen it prints one JSON line with their base
 * URLs; each request is a line of JSON on standard error. The first signal lets running answers end, the second cuts them.
 */
export async function serve(command: ServeCommand, context: ServeContext): Promise<number> {
  const { home, out, error } = context;
  const loaded = await loadConfiguration(command.config, context);
  const places = placesOf(command, loaded);
  if (command.check) {
    const subject = loaded.file === null ? "There is no configuration file" : `${loaded.file} is right`;
    out(
      `${subject}. \`ml-intern serve\` would do this:\n${describeConfiguration(loaded.configuration, places)}`,
    );
    return EXIT.published;
  }
  await prepareHome(home);
  const { configuration } = loaded;
  await using gateway = await openMessages(loaded, { ...context, hasMetrics: places.hasMetrics });
  await using sessions = isLoopback(places.host) ? openSessions(context) : null;
  const app = sessions ? besidePath("/api", sessions.app, gateway) : gateway;
  await using hub = await serveHub({ app: createHub({ root: join(home, "hub") }), port: places.hubPort });
  await using messages = await serveGateway({ app, ...places, ...serveOptions(configuration) });
  using signals = stopSignals();
  const { url } = messages;
  out(`${JSON.stringify({ messages: url, hub: hub.url, ...(sessions ? { api: `${url}/api` } : {}) })}\n`);
  if (!signals.first.aborted) await once(signals.first, "abort");
  const seconds = configuration.shutdownSeconds ?? DEFAULT_SHUTDOWN_SECONDS;
  error(`Stopping: answers that have begun may take ${seconds} s to end. Once more to cut them off.\n`);
  signals.second.addEventListener("abort", () => void messages.close());
  if (signals.second.aborted) await messages.close();
  else await messages.close({ drainMs: seconds * 1000 });
  return signals.second.aborted ? EXIT.quit : EXIT.published;
}

function placesOf({ port, hubPort }: ServeCommand, { configuration }: LoadedConfiguration): ServedPlaces {
  const { listen, metrics } = configuration;
  const host = listen.host ?? "127.0.0.1";
  return {
    host,
    port: port ?? listen.port ?? 4141,
    hubPort: hubPort ?? listen.hubPort ?? 4142,
    // Who can reach a loopback port may know; others only when somebody has said so.
    hasMetrics: metrics.enabled ?? isLoopback(host),
  };
}

/** The API that starts and watches sessions. It asks for no key and runs code: only for this machine. */
function openSessions({ home, env, error }: ServeContext): { readonly app: Hono } & AsyncDisposable {
  const failed = (id: string, failure: unknown): void => {
    const { message, mend } = describeFailure(failure);
    error(`session ${id}: ${message}\n  ${mend}\n`);
  };
  const runner = new SessionRunner({ home, env }, failed);
  return {
    app: new Hono().route("/api", createSessionApi({ home, runner })),
    [Symbol.asyncDispose]: () => runner[Symbol.asyncDispose](),
  };
}
