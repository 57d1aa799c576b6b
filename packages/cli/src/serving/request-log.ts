import type { GatewayLogEntry } from "@ml-intern/gateway";

/** Asked every few seconds by machines that watch over the server; only their failures are worth a line. */
const PROBES: ReadonlySet<string> = new Set(["/metrics", "/healthz"]);

/** Writes a line of JSON for each request. */
export function requestLog(
  write: (line: string) => void,
  now: () => Date = () => new Date(),
): (entry: GatewayLogEntry) => void {
  return (entry) => {
    if (PROBES.has(entry.path) && entry.status < 400) return;
    write(`${JSON.stringify({ time: now().toISOString(), ...entry })}\n`);
  };
}
