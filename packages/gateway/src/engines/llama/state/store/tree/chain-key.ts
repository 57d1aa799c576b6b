import { hash } from "node:crypto";
import type { StateOwner } from "../state-owner.ts";

/** The key of an empty prefix: everything that must be equal for two states to be interchangeable, besides the tokens. */
export function rootKey(identity: {
  readonly fingerprint: string;
  readonly owner: StateOwner;
  readonly blockTokens: number;
}): string {
  const { fingerprint, owner, blockTokens } = identity;
  const { workspace, model } = owner;
  return hash("sha256", JSON.stringify(["state 2", blockTokens, fingerprint, workspace, model]), "hex");
}

/** The key of a prefix that is longer by these tokens. */
export function childKey(parentKey: string, tokens: Int32Array): string {
  const bytes = Buffer.allocUnsafe(32 + tokens.byteLength);
  bytes.write(parentKey, "hex");
  bytes.set(new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength), 32);
  return hash("sha256", bytes, "hex");
}
