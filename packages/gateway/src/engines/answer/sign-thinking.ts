import { createHmac, randomBytes } from "node:crypto";

/** Lives as long as the process: nobody needs to check a signature after that, since endpoints take thinking as it is. */
const PROCESS_KEY = randomBytes(32);

/** The signature that goes with a thinking block, so that clients which demand one can send it back. */
export function signThinking(thinking: string): string {
  return createHmac("sha256", PROCESS_KEY).update(thinking).digest("base64");
}
