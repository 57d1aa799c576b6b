import { looksRandom } from "../traces/redaction/looks-random.ts";
import { secretName } from "../traces/redaction/secret-name.ts";
import type { McpServerSettings } from "./mcp-settings.ts";

/** Shorter ones would stand within other words. */
const SHORTEST = 8;

/**
 * A function that takes out of a text the secrets that the configuration has given to a server: values of `env`, `headers`
 * and the URL's query whose names are those of secrets or that look like one, as a whole and word by word (`Bearer …`).
 * Paths and other plain values stay, since results are full of them.
 */
export function hideSecretsOf(settings: McpServerSettings): (text: string) => string {
  const given =
    settings.kind === "stdio"
      ? Object.entries(settings.env)
      : [...Object.entries(settings.headers), ...new URL(settings.url).searchParams];
  const secrets = given
    .filter(([name, value]) => isSecret(name, value))
    .flatMap(([, value]) => [value, ...value.split(" ")])
    .filter((value) => value.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "[hidden]"), text);
}

function isSecret(name: string, value: string): boolean {
  if (/authorization|cookie/i.test(name) || secretName(name) !== null || looksRandom(value)) return true;
  // A password within an address, as in those of databases.
  return /:\/\/[^/\s]*:[^/\s]*@/.test(value);
}
