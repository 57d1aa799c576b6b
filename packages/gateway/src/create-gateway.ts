import { Hono } from "hono";
import type { Engine } from "./engines/engine.ts";

/** One line for a finished request; its keys are written as they stand. */
export interface GatewayLogEntry {
  readonly request_id: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly model?: string;
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  /** Present when the request failed, before or after the first byte. */
  readonly error?: string;
}

/** Who a key stands for. */
export interface GatewayKey {
  readonly workspace: string;
}

export interface GatewayOptions {
  /** By the prefix that model names carry: `engine/name`. */
  readonly engines: Readonly<Record<string, Engine>>;
  /** Gives a model name another meaning, for aliases: returns `engine/name`, or null to leave the name as it is. */
  readonly resolveModel?: (model: string) => string | null;
  /** The `engine/name` that the model name `default` stands for. */
  readonly defaultModel?: string;
  /** Accepted keys. Without any, every key is accepted: then listen on loopback only. */
  readonly keys?: Readonly<Record<string, GatewayKey>>;
  readonly now?: () => number;
  readonly newId?: (prefix: "msg" | "req" | "toolu") => string;
  readonly log?: (entry: GatewayLogEntry) => void;
  /** Longest silence within a stream before a `ping`; default 15 s. */
  readonly pingIntervalMs?: number;
}

/** A Hono application; `gateway.fetch` takes a `Request`. */
export type Gateway = Hono;

/** Builds the Messages server over the given engines. It opens nothing by itself: hand its `fetch` to a client or a socket. */
export function createGateway(options: GatewayOptions): Gateway {
  void options;
  return new Hono();
}
