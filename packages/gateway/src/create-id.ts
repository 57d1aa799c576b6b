const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Random bytes are fetched many at a time: each fetch costs as much as some hundred bytes. */
const pool = new Uint8Array(1024);
let used = pool.length;

/** A new random id in the API's form, such as `msg_01…`. */
export function createId(prefix: "msg" | "req" | "toolu" | "msgbatch"): string {
  let text = `${prefix}_01`;
  // A byte holds 256 values, 4 times 62 and a rest; dropping the rest keeps the letters equally likely.
  while (text.length < prefix.length + 25) {
    const byte = randomByte();
    if (byte < 248) text += ALPHABET.charAt(byte % 62);
  }
  return text;
}

function randomByte(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  return pool[used++] ?? 0;
}
