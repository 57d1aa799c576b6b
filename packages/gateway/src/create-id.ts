const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A new random id in the API's form, such as `msg_01…`. */
export function createId(prefix: "msg" | "req" | "toolu" | "msgbatch"): string {
  let text = `${prefix}_01`;
  // A byte holds 256 values, 4 times 62 and a rest; dropping the rest keeps the letters equally likely.
  while (text.length < prefix.length + 25) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0] ?? 255;
    if (byte < 248) text += ALPHABET.charAt(byte % 62);
  }
  return text;
}
