import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What our signatures begin with; those of other makers look different. */
export const SIGNATURE_PREFIX = "mlint1.";

/** Signs thinking blocks, so that one which comes back changed is noticed. */
export interface ThinkingSigner {
  /** The signature that goes with thinking as the client gets it. */
  sign(thinking: string): string;
  /** `unknown` where somebody else signed, or we did with another key: then nobody here can tell. */
  check(block: { readonly thinking: string; readonly signature: string }): "right" | "wrong" | "unknown";
}

/** A signer whose signatures hold as long as the key does: keep it, so that conversations outlive the process. */
export function thinkingSigner(key: Uint8Array): ThinkingSigner {
  const keyName = createHash("sha256").update("name").update(key).digest("hex").slice(0, 8);
  const prefix = `${SIGNATURE_PREFIX}${keyName}.`;
  const sign = (thinking: string): string =>
    prefix + createHmac("sha256", key).update(thinking).digest("base64");
  return {
    sign,
    check({ thinking, signature }) {
      if (!signature.startsWith(prefix)) return "unknown";
      const [shown, right] = [Buffer.from(signature), Buffer.from(sign(thinking))];
      return shown.length === right.length && timingSafeEqual(shown, right) ? "right" : "wrong";
    },
  };
}

/** For those who keep no key: its signatures hold as long as the process. */
export const processSigner: ThinkingSigner = thinkingSigner(randomBytes(32));
