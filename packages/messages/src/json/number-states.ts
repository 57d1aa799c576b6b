/** How far a JSON number has been read. */
export type NumberState =
  | "start"
  | "minus"
  | "zero"
  | "integer"
  | "point"
  | "fraction"
  | "exponent"
  | "exponent_sign"
  | "exponent_digits";

/** The state after one more UTF-16 code unit, or null when it cannot belong to the number. */
export function nextNumberState(state: NumberState, code: number): NumberState | null {
  if (code >= 0x30 && code <= 0x39) return afterDigit(state, code === 0x30);
  switch (code) {
    case 0x2e: // "."
      return state === "integer" || state === "zero" ? "point" : null;
    case 0x65: // "e"
    case 0x45: // "E"
      return state === "integer" || state === "zero" || state === "fraction" ? "exponent" : null;
    case 0x2d: // "-"
      if (state === "start") return "minus";
      return state === "exponent" ? "exponent_sign" : null;
    case 0x2b: // "+"
      return state === "exponent" ? "exponent_sign" : null;
    default:
      return null;
  }
}

function afterDigit(state: NumberState, isZero: boolean): NumberState | null {
  switch (state) {
    case "integer":
    case "fraction":
    case "exponent_digits":
      return state;
    case "start":
    case "minus":
      return isZero ? "zero" : "integer";
    case "point":
      return "fraction";
    case "exponent":
    case "exponent_sign":
      return "exponent_digits";
    case "zero":
      return null;
    default:
      return state satisfies never;
  }
}

/** Whether the number may stop here. */
export function isNumberEnd(state: NumberState): boolean {
  return state === "zero" || state === "integer" || state === "fraction" || state === "exponent_digits";
}
