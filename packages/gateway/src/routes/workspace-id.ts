import { createHash } from "node:crypto";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/**
 * The API's id of a workspace, such as `wrkspc_01…`: the same for the same name in the same installation. A workspace whose name
 * is such an id already keeps it.
 */
export function workspaceId(workspace: string, organizationId: string): string {
  if (workspace.startsWith("wrkspc_")) return workspace;
  const digest = createHash("sha256").update(`${organizationId}\0${workspace}`).digest();
  const letters = [...digest.subarray(0, 22)].map((byte) => ALPHABET.charAt(byte % ALPHABET.length));
  return `wrkspc_01${letters.join("")}`;
}
