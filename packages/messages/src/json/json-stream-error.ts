/**
 * Text that no continuation can turn into JSON, or that is deeper than allowed. `position` is that of the first
 * character at fault, in UTF-16 code units from the start of the text; for `unexpected_end` it is the text's length.
 */
export class JsonStreamError extends Error {
  readonly code: "unexpected_character" | "unexpected_end" | "too_deep";
  readonly position: number;

  constructor(code: JsonStreamError["code"], message: string, position: number) {
    super(message);
    this.name = "JsonStreamError";
    this.code = code;
    this.position = position;
  }
}
