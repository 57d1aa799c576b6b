/** Where a value stands: the keys and indices that lead to it from the outermost value, which itself is at `[]`. */
export type JsonPath = readonly (string | number)[];

/**
 * What a piece of text brought. A `value` comes for every value once it is whole, inner values before the one that
 * holds them. A `text` is what was added to a string that is a value; the texts of one path add up to the string.
 */
export type JsonEvent =
  | { readonly type: "value"; readonly path: JsonPath; readonly value: unknown }
  | { readonly type: "text"; readonly path: JsonPath; readonly text: string };
