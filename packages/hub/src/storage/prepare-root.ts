import { randomBytes, randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HubError } from "../hub-error.ts";
import { failedWith } from "./durable-file.ts";

/**
 * Makes the root folder where it is missing, and answers the secret that its upload addresses are signed with: kept in
 * the folder, so that they stay good over a restart and for several processes.
 */
export function prepareRoot(root: string): { secret: string } {
  try {
    mkdirSync(root, { recursive: true });
    return { secret: readSecret(root) ?? makeSecret(root) };
  } catch (cause) {
    throw new HubError("hub/root_unusable", `The hub's folder ${root} cannot be used: ${String(cause)}`, {
      mend: "choose a folder that you may write to, on a disk with free space",
      cause,
    });
  }
}

function readSecret(root: string): string | null {
  try {
    const secret = readFileSync(join(root, "secret"), "utf8").trim();
    return secret.length === 64 ? secret : null;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return null;
    throw error;
  }
}

function makeSecret(root: string): string {
  const temporary = join(root, `${randomUUID()}.tmp`);
  writeFileSync(temporary, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx", flush: true });
  try {
    linkSync(temporary, join(root, "secret"));
  } catch (error) {
    // Another process was first: its secret is the one.
    if (!failedWith(error, "EEXIST")) throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
  const secret = readSecret(root);
  if (secret === null) throw new Error(`${join(root, "secret")} is damaged: delete it to have it made again`);
  return secret;
}
