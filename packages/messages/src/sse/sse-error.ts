/** An event stream that cannot be read on. */
export class SseError extends Error {
  readonly code: "event_too_long";

  constructor(code: SseError["code"], message: string) {
    super(message);
    this.name = "SseError";
    this.code = code;
  }
}
