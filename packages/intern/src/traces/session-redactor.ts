import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import type { Environment } from "../models/endpoints.ts";
import { sessionPaths } from "../session/session-store.ts";
import { createRedactor, type Redactor } from "./redaction/redactor.ts";
import { sessionCreated } from "./trace-log.ts";

/**
 * The redactor of a session. Its labels are the same in every export and upload of the session, by a key that is kept
 * beside the log and never leaves the machine.
 */
export async function openSessionRedactor(place: {
  readonly home: string;
  readonly session: string;
  readonly env: Environment;
}): Promise<Redactor> {
  await sessionCreated(place); // no folder is made for a session that is not there
  const path = join(sessionPaths(place.home, place.session).directory, "label-key");
  const labelKey = (await readKey(path)) ?? (await makeKey(path));
  return createRedactor({ env: place.env, homeDirectory: place.env.HOME ?? homedir(), labelKey });
}

async function readKey(path: string): Promise<string | null> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
}

async function makeKey(path: string): Promise<string> {
  const key = randomBytes(32).toString("hex");
  await writeDurably(path, key, { mode: 0o600 });
  return key;
}
