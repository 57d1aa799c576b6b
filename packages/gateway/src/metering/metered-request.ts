import type { GatewayLogEntry } from "../create-gateway.ts";

/** What is known of a request for a message when it has ended. Nothing in it is what a person wrote. */
export interface MeteredRequest
  extends Pick<
    GatewayLogEntry,
    | "request_id"
    | "workspace"
    | "key"
    | "session"
    | "model"
    | "engine"
    | "upstream_model"
    | "service_tier"
    | "input_tokens"
    | "cache_read_input_tokens"
    | "cache_creation_input_tokens"
    | "cache_creation_1h_input_tokens"
    | "cache_promised_tokens"
    | "output_tokens"
    | "stop_reason"
    | "error_type"
    | "estimated"
  > {
  /** Of the response, or of what it would have been. */
  readonly status: number;
  readonly batch: boolean;
}

/** Keeps what requests used. Called when a request has ended, in whatever way; must neither throw nor take long. */
export interface Metering {
  record(request: MeteredRequest): void;
}
