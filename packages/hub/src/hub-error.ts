/** What went wrong, as a name that a program may compare. The text of an error is for people only. */
export type HubErrorCode =
  | "hub/port_taken"
  | "hub/cannot_listen"
  | "hub/root_unusable"
  | "hub/disk_full"
  | "hub/damaged";

/** A failure of the hub itself, as opposed to an answer that it gives to a client. `mend` says what the user can do. */
export class HubError extends Error {
  readonly code: HubErrorCode;
  readonly mend: string;

  constructor(code: HubErrorCode, message: string, options: { mend: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "HubError";
    this.code = code;
    this.mend = options.mend;
  }
}
