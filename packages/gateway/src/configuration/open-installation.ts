import { randomBytes, randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What makes this installation itself, kept from its first start on. */
export interface Installation {
  /** Sent with every response. */
  readonly organizationId: string;
  /** Signs thinking blocks, so that conversations outlive the process. */
  readonly thinkingKey: Uint8Array;
}

const schema = z.object({ organizationId: z.uuid(), thinkingKey: z.base64().length(44) });

/**
 * Reads `installation.json` in a folder, or makes it, readable for its owner alone. Of several processes that make it at
 * the same time, one wins. Throws when the file is there and is something else.
 */
export async function openInstallation(folder: string): Promise<Installation> {
  const path = join(folder, "installation.json");
  const known = await readIfThere(path);
  if (known !== null) return parse(known, path);
  const made = { organizationId: randomUUID(), thinkingKey: randomBytes(32).toString("base64") };
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(draft, `${JSON.stringify(made)}\n`, { mode: 0o600, flag: "wx", flush: true });
    // A link is made whole or not at all, and never over a file that is there.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return parse(await readFile(path, "utf8"), path);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function parse(text: string, path: string): Installation {
  try {
    const { organizationId, thinkingKey } = schema.parse(JSON.parse(text));
    return { organizationId, thinkingKey: Buffer.from(thinkingKey, "base64") };
  } catch (cause) {
    // Neither the file's text nor what the parser says of it, which quotes it: it holds a key.
    throw new Error(`${path} is damaged. Delete it: the next start makes a new one.`, {
      cause: (cause as Error).name,
    });
  }
}
