import { z } from "zod";
import { engineSchema } from "./engine-schema.ts";
import type { GatewayConfiguration, KeySettings } from "./gateway-configuration.ts";
import { digestOfSetting } from "./key-digest.ts";
import { limitSchema } from "./limit-schema.ts";
import { priceSchema } from "./price-schema.ts";
import { section } from "./section.ts";
import { flag, httpUrl, positiveNumber, secret, wholeNumber } from "./values.ts";

const name = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, {
  error: "Use letters, digits, dots, dashes and underscores, at most 64.",
});

const seconds = wholeNumber({ least: 1, most: 86_400 }).optional();

const workspace = section({
  limits: limitSchema.optional(),
  modelLimits: z.record(z.string().min(1), limitSchema).optional(),
});

const keySchema = section({
  key: secret(),
  workspace: z.string(),
  name: name.optional(),
  admin: flag().optional(),
  limits: limitSchema.optional(),
});

const settings = section({
  listen: section({
    host: z.string().min(1).optional(),
    port: wholeNumber({ least: 0, most: 65_535 }).optional(),
    hubPort: wholeNumber({ least: 0, most: 65_535 }).optional(),
  }).optional(),
  engines: z.record(name, engineSchema).optional(),
  models: z
    .record(
      z.string().min(1),
      z.preprocess(
        (value) => (typeof value === "string" ? [value] : value),
        z.array(z.string().min(1)).min(1),
      ),
    )
    .optional(),
  workspaces: z.record(name, workspace).optional(),
  keys: z.array(keySchema).optional(),
  cors: section({ origins: z.array(z.string().min(1)).min(1) }).optional(),
  log: section({ prompts: flag().optional() }).optional(),
  usage: section({ enabled: flag().optional() }).optional(),
  cache: section({
    folder: z.string().min(1).optional(),
    memoryGigabytes: positiveNumber().optional(),
    diskGigabytes: positiveNumber().optional(),
    minimumTokens: z.record(z.string().min(1), wholeNumber({ least: 0 })).optional(),
  }).optional(),
  prices: priceSchema.optional(),
  metrics: section({ enabled: flag().optional(), requireKey: flag().optional() }).optional(),
  traces: section({
    endpoint: httpUrl().optional(),
    headers: z.record(z.string(), secret()).optional(),
    ratio: positiveNumber().optional(),
  }).optional(),
  limits: section({
    bodyMegabytes: wholeNumber({ least: 1, most: 32 }).optional(),
    connections: wholeNumber({ least: 1 }).optional(),
    headersSeconds: seconds,
    requestSeconds: seconds,
    idleSeconds: seconds,
    stalledReaderSeconds: seconds,
  }).optional(),
  coalesce: section({
    milliseconds: wholeNumber({ least: 0, most: 1000 }).optional(),
    characters: wholeNumber({ least: 1 }).optional(),
  }).optional(),
  shutdownSeconds: wholeNumber({ least: 0, most: 3600 }).optional(),
});

type Settings = z.infer<typeof settings>;

/** The configuration file, value by value; what values say of each other is for `checkReferences`. */
export const configurationSchema: z.ZodType<GatewayConfiguration> = settings.transform(toConfiguration);

function toConfiguration(settings: Settings): GatewayConfiguration {
  const { listen, workspaces = {}, keys = [], cache = {}, metrics, traces, limits = {}, coalesce } = settings;
  return {
    listen: { host: listen?.host ?? null, port: listen?.port ?? null, hubPort: listen?.hubPort ?? null },
    engines: settings.engines ?? null,
    models: settings.models ?? {},
    workspaces: Object.fromEntries(
      Object.entries(workspaces).map(([name, { limits = {}, modelLimits = {} }]) => [
        name,
        { limits, modelLimits },
      ]),
    ),
    keys: keys.map(toKey),
    origins: settings.cors?.origins ?? [],
    log: { prompts: settings.log?.prompts ?? false },
    usage: { enabled: settings.usage?.enabled ?? true },
    prices: settings.prices ?? {},
    cache: {
      folder: cache.folder ?? null,
      memoryBytes: gigabytes(cache.memoryGigabytes),
      diskBytes: gigabytes(cache.diskGigabytes),
      minimumTokens: cache.minimumTokens ?? {},
    },
    metrics: { enabled: metrics?.enabled ?? null, requireKey: metrics?.requireKey ?? false },
    traces: {
      endpoint: traces?.endpoint ?? null,
      headers: traces?.headers ?? {},
      ratio: traces?.ratio ?? null,
    },
    limits: {
      bodyBytes: limits.bodyMegabytes === undefined ? null : limits.bodyMegabytes * 1024 * 1024,
      connections: limits.connections ?? null,
      headersMs: milliseconds(limits.headersSeconds),
      requestMs: milliseconds(limits.requestSeconds),
      keepAliveMs: milliseconds(limits.idleSeconds),
      writeStallMs: milliseconds(limits.stalledReaderSeconds),
    },
    coalesce: { milliseconds: coalesce?.milliseconds ?? null, characters: coalesce?.characters ?? null },
    shutdownSeconds: settings.shutdownSeconds ?? null,
  };
}

function toKey({ key, workspace, name, admin = false, limits = {} }: z.infer<typeof keySchema>): KeySettings {
  const digest = digestOfSetting(key);
  return {
    digest,
    workspace,
    name: name ?? digest.slice("sha256:".length, "sha256:".length + 8),
    admin,
    limits,
  };
}

function gigabytes(count: number | undefined): number | null {
  return count === undefined ? null : count * 1024 ** 3;
}

function milliseconds(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1000;
}
