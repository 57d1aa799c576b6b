import { randomBytes } from "node:crypto";
import { keyDigest } from "@ml-intern/gateway";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";

/** Makes a key of the Messages server and shows it once, with the lines that let it in. Nothing is written anywhere. */
export async function keysCreate(
  { workspace, name, json }: { workspace: string; name: string | null; json: boolean },
  { out, style }: CommandContext,
): Promise<number> {
  const key = `sk-ml-intern-${randomBytes(32).toString("base64url")}`;
  const digest = keyDigest(key);
  if (json) {
    out(`${JSON.stringify({ key, digest, workspace, name })}\n`);
    return EXIT.published;
  }
  out(`${style.bold(key)}\n\nIt is shown this once. To let it in, add to gateway.yaml:\n\n`);
  out(`workspaces:\n  ${workspace}: {}\nkeys:\n  - key: ${digest}\n    workspace: ${workspace}\n`);
  if (name !== null) out(`    name: ${name}\n`);
  return EXIT.published;
}
