import { gzipSync } from "node:zlib";
import type { Random } from "@ml-intern/testkit";
import type { FuzzCase } from "./fuzz-case.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { mutateValue } from "./mutate-value.ts";
import { SEED_HEADERS, SEED_REQUESTS } from "./seed-requests.ts";

const MAX_BYTES = 1024 * 1024;

/** A request that was right, with changes to its value or to its bytes. */
export function generateCase(random: Random): FuzzCase {
  const seed = random.pick(SEED_REQUESTS);
  const value = random.oneIn(20) ? seed : mutateValue(seed, SEED_REQUESTS, random);
  const whole = new TextEncoder().encode(JSON.stringify(value) ?? "");
  const text = whole.subarray(0, MAX_BYTES);
  const body = random.oneIn(4) ? mutateBytes(text, random) : text;
  const headers = random.oneIn(2) ? {} : random.pick(SEED_HEADERS);
  return random.oneIn(50)
    ? { body: new Uint8Array(gzipSync(body)), headers: { ...headers, "content-encoding": "gzip" } }
    : { body, headers };
}
