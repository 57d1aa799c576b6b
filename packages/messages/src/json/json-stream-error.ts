/** Text that no continuation can turn into JSON. `position` counts UTF-16 code units from the start of the text. */
export class JsonStreamError extends Error {
  readonly code: "unexpected_character" | "unexpected_end";
  readonly position: number;

  constructor(code: JsonStreamError["code"], message: string, position: number) {
    super(message);
    this.name = "JsonStreamError";
    this.code = code;
    this.position = position;
  }
}
