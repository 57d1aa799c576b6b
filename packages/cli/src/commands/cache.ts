import {
  type CacheScope,
  GatewayError,
  type HeldPrompts,
  isInScope,
  type KeptPrompts,
  openKeptPrompts,
  takeOut,
} from "@ml-intern/gateway";
import type { CacheCommand } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { cacheFolder } from "../serving/cache-folder.ts";
import { type LoadedConfiguration, loadConfiguration } from "../serving/load-configuration.ts";
import { servedPrompts } from "../serving/served-prompts.ts";
import { confirm } from "../terminal/confirm.ts";
import { mebibytes, plural } from "../terminal/format.ts";
import { table } from "../terminal/table.ts";
import { printable } from "../usage/for-people.ts";
import { UsageError } from "../usage-error.ts";

/** Longer names are cut; --json has them whole. */
const WIDEST_NAME = 50;

/** What is remembered of prompts, or to forget it: of the server that runs, or of what one has left. */
export async function cache(command: CacheCommand, context: CommandContext): Promise<number> {
  const { out, interactive, style } = context;
  const { clears, scope, json } = command;
  const configuration = await loadConfiguration(command.config, context);
  await using kept = await openPrompts(configuration, command, context);
  const { prompts } = kept;
  if (!clears) {
    const held = (await prompts.held()).filter((row) => isInScope(row, scope));
    if (json) out(`${JSON.stringify({ prompts: held.map(documentOf) })}\n`);
    else out(held.length === 0 ? `Nothing is cached${nameOf(scope)}.\n` : tableOf(held, style));
    return EXIT.published;
  }
  if (!command.yes && !(await mayClear(scope, interactive))) return EXIT.stopped;
  const cleared = await takeOut(prompts, scope);
  if (json) out(`${JSON.stringify({ cleared: cleared.map(documentOf) })}\n`);
  else out(`${describeCleared(cleared, scope)}\n`);
  return EXIT.published;
}

/** The files, unless a process has them: then that is a server, and is asked. */
async function openPrompts(
  loaded: LoadedConfiguration,
  { port }: CacheCommand,
  { home, env }: CommandContext,
): Promise<KeptPrompts> {
  try {
    return await openKeptPrompts(cacheFolder(loaded, home));
  } catch (error) {
    if (!(error instanceof GatewayError && error.code === "cache_in_use")) throw error;
    const { listen } = loaded.configuration;
    const url = `http://${reachable(listen.host ?? "127.0.0.1")}:${port ?? listen.port ?? 4141}`;
    return {
      prompts: servedPrompts({ url, key: env.ML_INTERN_KEY ?? null }),
      [Symbol.asyncDispose]: async () => {},
    };
  }
}

/** A server that listens everywhere listens here. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

async function mayClear(scope: CacheScope, interactive: boolean): Promise<boolean> {
  if (interactive)
    return confirm(
      `Forget ${Object.keys(scope).length === 0 ? "all cached prompts" : `the cached prompts${nameOf(scope)}`}?`,
    );
  throw new UsageError("Nobody is here to be asked whether to clear it.", "Add --yes.");
}

function describeCleared(cleared: readonly HeldPrompts[], scope: CacheScope): string {
  if (cleared.length === 0) return `Nothing was cached${nameOf(scope)}.`;
  const entries = cleared.reduce((sum, row) => sum + row.entries, 0);
  const bytes = cleared.reduce((sum, row) => sum + Math.max(row.memoryBytes, row.diskBytes), 0);
  return `Forgotten${nameOf(scope)}: ${plural(entries, "cached prompt")} and ${mebibytes(bytes)} of state.`;
}

function nameOf({ workspace, model }: CacheScope): string {
  return `${model === undefined ? "" : ` of ${model}`}${workspace === undefined ? "" : ` in ${workspace}`}`;
}

function tableOf(held: readonly HeldPrompts[], style: CommandContext["style"]): string {
  const rows = held.map(({ workspace, model, entries, tokens, memoryBytes, diskBytes }) => [
    printable(workspace, WIDEST_NAME),
    printable(model, WIDEST_NAME),
    entries.toLocaleString("en"),
    tokens.toLocaleString("en"),
    mebibytes(memoryBytes),
    mebibytes(diskBytes),
  ]);
  return table([["workspace", "model", "entries", "tokens", "in memory", "on disk"], ...rows], {
    texts: 2,
    style,
  });
}

/** As the server's own route has it. */
function documentOf({ memoryBytes, diskBytes, ...row }: HeldPrompts): object {
  return { ...row, memory_bytes: memoryBytes, disk_bytes: diskBytes };
}
