import type { GatewayLogEntry } from "../create-gateway.ts";

/** What a request's log line learns on the way. */
export type RequestNotes = {
  -readonly [Key in keyof Omit<
    GatewayLogEntry,
    "request_id" | "method" | "path" | "status" | "duration_ms"
  >]: GatewayLogEntry[Key];
};

export interface GatewayEnv {
  Variables: {
    requestId: string;
    notes: RequestNotes;
    /** When the request arrived, in milliseconds since 1970. */
    startedAt: number;
    /** Milliseconds since the request arrived. */
    elapsed: () => number;
    /** Headers of the request as engines get them: with the request's own place in a trace. */
    headers: Headers;
    /** Whether the log is to hold what people wrote. */
    logsPrompts: boolean;
    /** When the request was let in, since it arrived; unset before. */
    admittedMs?: number;
    /** Whose request it is: what the key says, or `default` where no keys are configured. */
    workspace: string;
    /** The name of the key that was shown; null where no keys are configured. */
    key: string | null;
    /** Whether they may see and clear what other workspaces have cached: a key says so; where no keys are configured, all may. */
    isAdmin: boolean;
    /** A stream calls `finish` itself when its last byte has left. */
    streaming: boolean;
    finish: () => void;
  };
}
