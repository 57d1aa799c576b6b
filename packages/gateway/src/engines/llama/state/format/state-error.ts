/**
 * `damaged`: the bytes contradict themselves. `foreign`: they belong to another model, context or format. `unsupported`:
 * the model's state is of a kind that is not understood. `too_long`: more tokens than the sequence takes. `no_room`:
 * the file cannot be written. `not_saved`, `not_loaded`: llama.cpp refuses, or did something else than it was told.
 */
export type StateErrorCode =
  | "damaged"
  | "foreign"
  | "unsupported"
  | "too_long"
  | "no_room"
  | "not_saved"
  | "not_loaded";

/** A saved state that cannot be used. For whoever looks for a prompt's state it is a miss. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
