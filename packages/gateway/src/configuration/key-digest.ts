import { createHash } from "node:crypto";

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** `sha256:` and the digest of a key in hexadecimal digits. Keys are long and random, so that a plain digest gives nothing away. */
export function keyDigest(key: string): string {
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** The digest that a setting means: itself when it is one, that of the key when it is a key. */
export function digestOfSetting(setting: string): string {
  return isDigest(setting) ? setting : keyDigest(setting);
}
