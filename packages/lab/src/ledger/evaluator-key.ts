import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { link, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import { LabError } from "../lab-error.ts";

/** The installation's signing key. The private half never leaves this object. */
export interface EvaluatorKey {
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  sign(text: string): string;
  deriveSecret(purpose: string): string;
}

/** Reads `<home>/keys/evaluator.key`, creating it (mode 0600) on first use. */
export async function loadEvaluatorKey(home: string): Promise<EvaluatorKey> {
  const path = join(home, "keys", "evaluator.key");
  const pem = (await readKey(path)) ?? (await createKey(path));
  const privateKey = parseKey(pem, path);
  return {
    publicKey: createPublicKey(privateKey).export({ type: "spki", format: "der" }).toString("base64"),
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64"),
    deriveSecret: (purpose) => createHmac("sha256", pem).update(purpose).digest("hex"),
  };
}

/** Checks a signature against a public key as the genesis row states it. */
export function verifySignature(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, "base64"));
  } catch {
    // A key or signature that cannot even be decoded proves nothing.
    return false;
  }
}

async function readKey(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

async function createKey(path: string): Promise<string> {
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const draft = `${path}.${process.pid}`;
  await writeDurably(draft, pem, { mode: 0o600 });
  try {
    // link refuses to replace: of two processes that start at once, both end up with the first one's key.
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return await readFile(path, "utf8");
}

function parseKey(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Falls through: whatever is wrong with it, it is no key that this installation can sign with.
  }
  throw new LabError("ledger/damaged", `The evaluator's key ${path} cannot be read as an Ed25519 key.`, {
    mend: "Restore it from a backup, or move it away: a new one is created and signs from then on. Ledgers signed with the old key can still be verified.",
  });
}
