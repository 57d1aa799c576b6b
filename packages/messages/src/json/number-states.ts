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

type Kind = "-" | "+" | "0" | "1-9" | "." | "e";

const TRANSITIONS: Readonly<Record<NumberState, Partial<Record<Kind, NumberState>>>> = {
  start: { "-": "minus", "0": "zero", "1-9": "integer" },
  minus: { "0": "zero", "1-9": "integer" },
  zero: { ".": "point", e: "exponent" },
  integer: { "0": "integer", "1-9": "integer", ".": "point", e: "exponent" },
  point: { "0": "fraction", "1-9": "fraction" },
  fraction: { "0": "fraction", "1-9": "fraction", e: "exponent" },
  exponent: { "-": "exponent_sign", "+": "exponent_sign", "0": "exponent_digits", "1-9": "exponent_digits" },
  exponent_sign: { "0": "exponent_digits", "1-9": "exponent_digits" },
  exponent_digits: { "0": "exponent_digits", "1-9": "exponent_digits" },
};

function kindOf(character: string): Kind | null {
  if (character >= "1" && character <= "9") return "1-9";
  if (character === "0" || character === "-" || character === "+" || character === ".") return character;
  return character === "e" || character === "E" ? "e" : null;
}

/** The state after one more character, or null when the character cannot belong to the number. */
export function nextNumberState(state: NumberState, character: string): NumberState | null {
  const kind = kindOf(character);
  return kind === null ? null : (TRANSITIONS[state][kind] ?? null);
}

/** Whether the number may stop here. */
export function isNumberEnd(state: NumberState): boolean {
  return state === "zero" || state === "integer" || state === "fraction" || state === "exponent_digits";
}
