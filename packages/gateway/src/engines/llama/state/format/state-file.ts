/** Numbers of the format: version 3 of llama.cpp's sequence state files. All are little-endian. */
export const MAGIC = 0x67677371;
export const VERSION = 3;
export const HEAD_BYTES = 12;
export const TOKEN_BYTES = 4;
/** Of each part: the type, and the bytes of a row as 64 bits. */
export const PART_BYTES = 12;

/** The types that llama.cpp keeps states in, and the bytes of one unit of each: a row is a number of whole units. */
export const UNIT_BYTES: ReadonlyMap<number, number> = new Map([
  [0, 4], // F32
  [1, 2], // F16
  [2, 18], // Q4_0
  [3, 20], // Q4_1
  [6, 22], // Q5_0
  [7, 24], // Q5_1
  [8, 34], // Q8_0
  [20, 18], // IQ4_NL
  [30, 2], // BF16
]);
