import { join } from "node:path";
import {
  Batches,
  createGateway,
  createLimiter,
  createMetrics,
  type Gateway,
  type GatewayConfiguration,
  GatewayError,
  type GatewayMetrics,
  type OpenedEngines,
  openEngines,
  openInstallation,
  openMetering,
  openPromptCache,
} from "@ml-intern/gateway";
import { openEngines as openEnginesOfMachine } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { cacheFolder } from "./cache-folder.ts";
import type { LoadedConfiguration } from "./load-configuration.ts";
import { openTracing } from "./open-tracing.ts";
import { requestLog } from "./request-log.ts";
import { usageFolder } from "./usage-folder.ts";

export interface OpenMessagesOptions extends Pick<CommandContext, "home" | "env" | "error"> {
  readonly version: string;
  readonly hasMetrics: boolean;
}

export type OpenedMessages = Pick<Gateway, "fetch"> & AsyncDisposable;

/** The Messages server that a configuration describes, with everything it needs. Disposing of it sends the last traces, writes the last usage and frees models. */
export async function openMessages(
  { configuration, folder }: LoadedConfiguration,
  { home, env, error, version, hasMetrics }: OpenMessagesOptions,
): Promise<OpenedMessages> {
  const { models, workspaces, keys, origins, log, usage, prices, cache, metrics, traces, limits } =
    configuration;
  const warn = (message: string): void => error(`${message}\n`);
  if (log.prompts)
    warn("The log holds the requests' bodies, with everything that people write (`log.prompts`).");
  const { organizationId, thinkingKey } = await openInstallation(home);
  const promptFolder = cacheFolder({ configuration, folder }, home);
  const measured = hasMetrics ? metricsOf(models, () => opened) : null;
  const onPrompt = measured?.promptPlaced;
  const opened = enginesOf(configuration, { env, home, folder, cacheFolder: promptFolder, onPrompt, warn });
  const { minimumTokens } = cache;
  const promptCache = await openPromptCache({ path: join(promptFolder, "entries.log"), minimumTokens, warn });
  const tracing = await openTracing({ settings: traces, env, version, onFailure: warn });
  const batches = await openBatches(join(home, "batches"), warn);
  const metering = usage.enabled
    ? openMetering({ folder: usageFolder(home), prices, onTrouble: warn })
    : null;
  const gateway = createGateway({
    engines: opened.engines,
    models,
    keys: Object.fromEntries(
      keys.map(({ digest, workspace, name, admin }) => [digest, { workspace, name, admin }]),
    ),
    admit: createLimiter({
      workspaces,
      keys: Object.fromEntries(keys.map(({ name, limits }) => [name, limits])),
    }),
    origins,
    organizationId,
    signingKey: thinkingKey,
    promptCache: promptCache.promptCache,
    log: requestLog(error),
    logPrompts: log.prompts,
    metricsNeedKey: metrics.requireKey,
    ...(batches ? { batches } : {}),
    ...(metering ? { metering } : {}),
    ...(limits.bodyBytes === null ? {} : { maxBodyBytes: limits.bodyBytes }),
    ...(tracing ? { tracer: tracing.tracer } : {}),
    ...(measured ? { metrics: measured } : {}),
  });
  return {
    fetch: gateway.fetch,
    [Symbol.asyncDispose]: async () => {
      // In this order: batches still ask engines, and both still write spans and usage.
      await batches?.[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
      await promptCache[Symbol.asyncDispose]();
      await metering?.[Symbol.asyncDispose]();
      await tracing?.[Symbol.asyncDispose]();
    },
  };
}

interface EnginesOptions extends Pick<OpenMessagesOptions, "env" | "home"> {
  readonly folder: string;
  readonly cacheFolder: string;
  readonly onPrompt: GatewayMetrics["promptPlaced"] | undefined;
  readonly warn: (message: string) => void;
}

function enginesOf(
  { engines, coalesce, cache }: GatewayConfiguration,
  { env, home, folder, cacheFolder, onPrompt, warn }: EnginesOptions,
): OpenedEngines {
  const promptCache = {
    folder: join(cacheFolder, "states"),
    ...(cache.memoryBytes === null ? {} : { memoryLimit: cache.memoryBytes }),
    ...(cache.diskBytes === null ? {} : { diskLimit: cache.diskBytes }),
  };
  if (engines === null) return openEnginesOfMachine({ env, home, promptCache, onPrompt });
  const { milliseconds, characters } = coalesce;
  return openEngines(engines, {
    folder,
    promptCache,
    onPrompt,
    coalesce: {
      ...(milliseconds === null ? {} : { windowMs: milliseconds }),
      ...(characters === null ? {} : { maxLength: characters }),
    },
    log: warn,
  });
}

/** Null, with a line that says so, where another server already processes the batches of this home. */
async function openBatches(folder: string, warn: (message: string) => void): Promise<Batches | null> {
  try {
    return await Batches.open({
      folder,
      onFailure: (id, failure) =>
        warn(`batch ${id}: ${failure instanceof Error ? failure.message : String(failure)}`),
    });
  } catch (failure) {
    if (!(failure instanceof GatewayError && failure.code === "batches_in_use")) throw failure;
    warn(`Batches are not served here. ${failure.message}`);
    return null;
  }
}

/** Engines are opened after their metrics, and asked when somebody wants to see them. */
function metricsOf(
  models: GatewayConfiguration["models"],
  opened: () => Pick<OpenedEngines, "queueLengths" | "promptStates">,
): GatewayMetrics {
  return createMetrics({
    models: Object.keys(models),
    process: true,
    embedded: {
      queueLengths: () => opened().queueLengths(),
      promptStates: () => opened().promptStates(),
    },
  });
}
