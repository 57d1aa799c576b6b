import type { GatewayConfiguration, Limits } from "@ml-intern/gateway";

export interface ServedPlaces {
  readonly host: string;
  readonly port: number;
  readonly hubPort: number;
  readonly hasMetrics: boolean;
}

/** What a server with this configuration would do, a line each, for people. */
export function describeConfiguration(
  configuration: GatewayConfiguration,
  { host, port, hubPort, hasMetrics }: ServedPlaces,
): string {
  const { engines, models, keys, workspaces, origins, log, usage, prices, traces, metrics } = configuration;
  const lines: (readonly [string, string])[] = [
    ["listens on", `http://${host}:${port}, and the hub on http://127.0.0.1:${hubPort}`],
  ];
  if (engines === null) lines.push(["engines", "those of the environment (`ml-intern models` lists them)"]);
  for (const [name, engine] of Object.entries(engines ?? {})) {
    const place = "baseUrl" in engine && engine.baseUrl !== undefined ? `, ${engine.baseUrl}` : "";
    lines.push(["engine", `${name} (${engine.type}${place})`]);
  }
  for (const [alias, targets] of Object.entries(models))
    lines.push(["model", `${alias} → ${targets.join(", else ")}`]);
  if (keys.length === 0) lines.push(["keys", "none: any key is accepted"]);
  for (const { name, workspace, admin, limits } of keys)
    lines.push([
      "key",
      `${name}, of ${workspace}${admin ? ", an administrator" : ""}${describeLimits(limits)}`,
    ]);
  for (const [name, { limits, modelLimits }] of Object.entries(workspaces)) {
    lines.push(["workspace", `${name}${describeLimits(limits)}`]);
    for (const [model, limits] of Object.entries(modelLimits))
      lines.push(["workspace", `${name} for ${model}${describeLimits(limits)}`]);
  }
  if (origins.length > 0) lines.push(["web pages", origins.join(", ")]);
  const guard = metrics.requireKey ? "to those who show a key" : "to everyone who can reach it";
  lines.push(["metrics", hasMetrics ? `/metrics, ${guard}` : "not served"]);
  if (traces.endpoint !== null) lines.push(["traces", `to ${traces.endpoint}`]);
  lines.push(["usage", usage.enabled ? "is kept (`ml-intern usage` adds it up)" : "is not kept"]);
  for (const [model, { input, output }] of Object.entries(prices))
    lines.push(["price", `${model}: $${input} in, $${output} out, for a million tokens`]);
  lines.push(["log", log.prompts ? "with the requests' bodies" : "without what people write"]);
  return lines.map(([label, text]) => `  ${label.padEnd(11)}${text}\n`).join("");
}

const WORDS: Readonly<Record<keyof Limits, string>> = {
  requestsPerMinute: "requests/min",
  inputTokensPerMinute: "input tokens/min",
  outputTokensPerMinute: "output tokens/min",
  tokenCountsPerMinute: "token counts/min",
  concurrentRequests: "at once",
};

function describeLimits(limits: Limits): string {
  const parts = Object.entries(limits).flatMap(([name, limit]) =>
    limit === undefined ? [] : [`${limit.toLocaleString("en-US")} ${WORDS[name as keyof Limits]}`],
  );
  return parts.length === 0 ? "" : `: ${parts.join(", ")}`;
}
