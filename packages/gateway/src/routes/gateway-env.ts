import type { GatewayLogEntry } from "../create-gateway.ts";

/** What a request's log line learns on the way. */
export type RequestNotes = {
  -readonly [Key in "model" | "input_tokens" | "output_tokens" | "error"]?: GatewayLogEntry[Key];
};

export interface GatewayEnv {
  Variables: {
    requestId: string;
    notes: RequestNotes;
    /** Whose request it is: what the key says, or `default` where no keys are configured. */
    workspace: string;
    /** A stream calls `finish` itself when its last byte has left. */
    streaming: boolean;
    finish: () => void;
  };
}
