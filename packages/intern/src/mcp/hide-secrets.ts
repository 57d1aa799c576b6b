import type { McpServerSettings } from "./mcp-settings.ts";

/** Shorter values (`1`, `en`) are no secrets, and would stand in every other sentence. */
const SHORTEST = 8;

/**
 * A function that takes out of a text whatever the configuration has given to a server: its environment and headers, as
 * a whole and word by word (`Bearer …`), and the query of its URL.
 */
export function hideSecretsOf(settings: McpServerSettings): (text: string) => string {
  const values =
    settings.kind === "stdio"
      ? Object.values(settings.env)
      : [...Object.values(settings.headers), new URL(settings.url).search.slice(1)];
  const secrets = [...new Set(values.flatMap((value) => [value, ...value.split(/[\s=&]+/)]))]
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "[hidden]"), text);
}
