import { join, resolve } from "node:path";
import type { LoadedConfiguration } from "./load-configuration.ts";

/** Where `serve` keeps what it remembers of prompts. */
export function cacheFolder(
  { configuration, folder }: Pick<LoadedConfiguration, "configuration" | "folder">,
  home: string,
): string {
  const { cache } = configuration;
  return cache.folder === null ? join(home, "cache") : resolve(folder, cache.folder);
}
