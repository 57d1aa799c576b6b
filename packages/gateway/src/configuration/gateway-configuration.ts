import type { Limits } from "../limits/limits.ts";
import type { PriceSettings } from "../metering/prices/price-setting.ts";
import type { EngineSettings } from "./engine-schema.ts";

export interface WorkspaceSettings {
  readonly limits: Limits;
  /** By the model's name as clients write it; these hold beside `limits`. */
  readonly modelLimits: Readonly<Record<string, Limits>>;
}

export interface KeySettings {
  readonly digest: string;
  readonly workspace: string;
  /** For logs; where the file gives none, the digest's first eight digits. */
  readonly name: string;
  /** Whether it may see and clear what all workspaces have cached. */
  readonly admin: boolean;
  readonly limits: Limits;
}

/** A configuration file after it was checked. What the file leaves out is null or empty, so that the caller's defaults hold. */
export interface GatewayConfiguration {
  readonly listen: {
    readonly host: string | null;
    readonly port: number | null;
    readonly hubPort: number | null;
  };
  /** Null: the engines of the environment. */
  readonly engines: Readonly<Record<string, EngineSettings>> | null;
  /** What an alias stands for: the first that can answer. */
  readonly models: Readonly<Record<string, readonly string[]>>;
  readonly workspaces: Readonly<Record<string, WorkspaceSettings>>;
  readonly keys: readonly KeySettings[];
  readonly origins: readonly string[];
  readonly log: { readonly prompts: boolean };
  /** Whether a line is kept of what each request used. */
  readonly usage: { readonly enabled: boolean };
  /** What models cost, before the list that comes with the gateway. */
  readonly prices: PriceSettings;
  /** The prompt cache: where it outlives the process, and what the states of embedded models may take. */
  readonly cache: {
    readonly folder: string | null;
    readonly memoryBytes: number | null;
    readonly diskBytes: number | null;
    /** By model; see `minimumTokens`. */
    readonly minimumTokens: Readonly<Record<string, number>>;
  };
  readonly metrics: { readonly enabled: boolean | null; readonly requireKey: boolean };
  readonly traces: {
    readonly endpoint: string | null;
    readonly headers: Readonly<Record<string, string>>;
    /** Part of the requests that are traced, up to 1. */
    readonly ratio: number | null;
  };
  readonly limits: {
    readonly bodyBytes: number | null;
    readonly connections: number | null;
    /** See `ServingTimeouts`. */
    readonly headersMs: number | null;
    readonly requestMs: number | null;
    readonly keepAliveMs: number | null;
    readonly writeStallMs: number | null;
  };
  readonly coalesce: { readonly milliseconds: number | null; readonly characters: number | null };
  readonly shutdownSeconds: number | null;
}
