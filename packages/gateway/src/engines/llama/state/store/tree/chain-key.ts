import { hash } from "node:crypto";

/** The key of an empty prefix: everything that must be equal for two states to be interchangeable, besides the tokens. */
export function rootKey(identity: {
  readonly fingerprint: string;
  readonly workspace: string;
  readonly blockTokens: number;
}): string {
  const { fingerprint, workspace, blockTokens } = identity;
  return hash("sha256", JSON.stringify(["state 1", blockTokens, fingerprint, workspace]), "hex");
}

/** The key of a prefix that is longer by these tokens. */
export function childKey(parentKey: string, tokens: Int32Array): string {
  const bytes = Buffer.allocUnsafe(32 + tokens.byteLength);
  bytes.write(parentKey, "hex");
  bytes.set(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength), 32);
  return hash("sha256", bytes, "hex");
}
