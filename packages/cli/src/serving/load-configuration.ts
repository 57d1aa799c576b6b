import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { type GatewayConfiguration, readConfiguration } from "@ml-intern/gateway";
import { openEngines } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";
import { UsageError } from "../usage-error.ts";

export interface LoadedConfiguration {
  readonly configuration: GatewayConfiguration;
  /** As messages call the file; null when there is none, and everything has its default. */
  readonly file: string | null;
  /** Where relative paths within the file start. */
  readonly folder: string;
}

/**
 * The configuration file that was asked for, or `gateway.yaml` in the home where there is one. Throws a
 * `ConfigurationError` with every fault of it.
 */
export async function loadConfiguration(
  asked: string | null,
  { home, env }: Pick<CommandContext, "home" | "env">,
): Promise<LoadedConfiguration> {
  const path = resolve(asked ?? join(home, "gateway.yaml"));
  const text = await readText(path, { mustExist: asked !== null });
  const shown = relative(process.cwd(), path);
  const file = shown.startsWith("..") ? path : shown;
  const configuration = readConfiguration(text ?? "", {
    file,
    variables: env,
    defaultEngines: Object.keys(openEngines({ env, home }).engines),
  });
  return { configuration, file: text === null ? null : file, folder: dirname(path) };
}

async function readText(path: string, { mustExist }: { mustExist: boolean }): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !mustExist) return null;
    throw new UsageError(
      `The configuration ${path} cannot be read: ${message}`,
      "Give the path of a YAML file, such as --config gateway.yaml.",
    );
  }
}
