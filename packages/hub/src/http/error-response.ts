import * as z from "zod";
import { HubError } from "../hub-error.ts";
import { Refusal, type RefusalCode } from "../refusal.ts";
import { failedWith } from "../storage/durable-file.ts";

interface WireError {
  readonly status: number;
  /** The header that Python's client turns into its exceptions. */
  readonly errorCode: string | null;
}

const table: Readonly<Record<RefusalCode, WireError>> = {
  bad_credentials: { status: 401, errorCode: null },
  no_credentials: { status: 401, errorCode: null },
  forbidden: { status: 403, errorCode: null },
  gated: { status: 403, errorCode: "GatedRepo" },
  repo_not_found: { status: 404, errorCode: "RepoNotFound" },
  // Without a token the real hub answers 401, so that nobody can find out which private names exist.
  repo_hidden: { status: 401, errorCode: "RepoNotFound" },
  revision_not_found: { status: 404, errorCode: "RevisionNotFound" },
  entry_not_found: { status: 404, errorCode: "EntryNotFound" },
  not_found: { status: 404, errorCode: null },
  invalid: { status: 400, errorCode: null },
  exists: { status: 409, errorCode: null },
  stale_parent: { status: 412, errorCode: null },
  conflict: { status: 409, errorCode: null },
  too_large: { status: 413, errorCode: null },
  upload_mismatch: { status: 422, errorCode: null },
};

/** What went wrong, as a Refusal or HubError; what is neither is a fault of ours and comes back unchanged. */
export function classify(error: unknown): unknown {
  if (error instanceof z.ZodError) return new Refusal("invalid", `Bad request: ${z.prettifyError(error)}`);
  if (failedWith(error, "ENOSPC", "EDQUOT", "EFBIG")) {
    return new HubError("hub/disk_full", "The disk that holds the hub is full", {
      mend: "free some space, or move the hub's folder to a larger disk, and try again; nothing was changed",
      cause: error,
    });
  }
  return error;
}

/** The Hub's error answer: JSON `{error}`, `X-Error-Code`, `X-Error-Message`. */
export function errorResponse(error: unknown): Response {
  if (error instanceof Refusal) {
    const { status, errorCode } = table[error.code];
    return respond(error.message, {
      status,
      details: error.details,
      headers: { ...(errorCode ? { "X-Error-Code": errorCode } : {}), ...error.headers },
    });
  }
  if (error instanceof HubError) {
    return respond(`${error.message}: ${error.mend}`, {
      status: error.code === "hub/disk_full" ? 507 : 500,
      details: { code: error.code, mend: error.mend },
      headers: { "X-Error-Code": error.code },
    });
  }
  return respond("Internal error of the hub: see its log", { status: 500, details: {}, headers: {} });
}

function respond(
  message: string,
  { status, details, headers }: { status: number; details: object; headers: Record<string, string> },
): Response {
  // A header holds printable Latin text only.
  const header = message.replace(/[^\x20-\x7e]+/g, " ").slice(0, 500);
  return Response.json(
    { error: message, ...details },
    { status, headers: { "X-Error-Message": header, ...headers } },
  );
}
