import type { Environment } from "../models/endpoints.ts";
import { openHubTarget } from "../publishing/open-hub-target.ts";
import { openSessionRedactor } from "./session-redactor.ts";
import { type UploadedTrace, type UploadTraceOptions, uploadTrace } from "./upload/upload-trace.ts";

export interface ShareSessionOptions
  extends Pick<UploadTraceOptions, "home" | "session" | "repo" | "allowPublic" | "signal"> {
  readonly env: Environment;
  /** huggingface.co, or the embedded hub of this machine. */
  readonly hub: "local" | "hf";
}

export interface SharedSession extends UploadedTrace {
  /** How many secrets were taken out of what was added, by kind. */
  readonly redacted: ReadonlyMap<string, number>;
}

/** Uploads what is new of a session's trace, redacted; see {@link uploadTrace}. */
export async function shareSession(options: ShareSessionOptions): Promise<SharedSession> {
  const { home, env } = options;
  const redactor = await openSessionRedactor(options);
  const hub = openHubTarget({ kind: options.hub, home, env });
  return { ...(await uploadTrace({ ...options, hub, redactor })), redacted: redactor.counts };
}
