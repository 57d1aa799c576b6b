import type { ApiErrorDetail } from "../types.ts";

/** A stream that breaks the order of events, holds arguments that are not JSON, was cut, or reported a failure. */
export class MessageStreamError extends Error {
  readonly code: "unexpected_event" | "invalid_tool_input" | "cut" | "failed";
  /** What the sender said, when `code` is `failed`. */
  readonly detail: ApiErrorDetail | null;

  constructor(code: MessageStreamError["code"], message: string, detail: ApiErrorDetail | null = null) {
    super(message);
    this.name = "MessageStreamError";
    this.code = code;
    this.detail = detail;
  }
}
