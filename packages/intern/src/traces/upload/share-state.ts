import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDurably } from "@ml-intern/durable";
import * as z from "zod";

/** How far a session's trace is uploaded. */
export interface ShareProgress {
  /** How far the log is covered. */
  readonly seq: number;
  readonly offset: number;
  /** What the next line hangs on. */
  readonly parent: string | null;
  /** The last file of the upload, by which the repository tells whether it arrived. */
  readonly path: string;
}

/** What is known to have arrived, and what was on its way when this was written. */
export interface TargetState {
  readonly uploaded: ShareProgress | null;
  readonly pending: ShareProgress | null;
}

const progress: z.ZodType<ShareProgress> = z.object({
  seq: z.number().int().positive(),
  offset: z.number().int().positive(),
  parent: z.string().nullable(),
  path: z.string(),
});
const target: z.ZodType<TargetState> = z.object({
  uploaded: progress.nullable(),
  pending: progress.nullable(),
});
const targetsOf: z.ZodType<Record<string, TargetState>> = z.record(z.string(), target);

/** What of a session is uploaded where, kept beside its log. Losing it costs one listing of the repository. */
export interface ShareState {
  /** Null when nothing is known of this target. */
  read(): TargetState | null;
  write(state: TargetState): Promise<void>;
}

export async function openShareState(directory: string, targetName: string): Promise<ShareState> {
  const path = join(directory, "share.json");
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  let targets = text === null ? {} : parse(text);
  return {
    read: () => targets[targetName] ?? null,
    async write(state) {
      targets = { ...targets, [targetName]: state };
      await writeDurably(path, `${JSON.stringify({ version: 1, targets })}\n`, { mode: 0o600 });
    },
  };
}

/** A state that cannot be read is as good as none: the repository knows what it holds. */
function parse(text: string): Record<string, TargetState> {
  try {
    const { version, targets } = JSON.parse(text) as { version?: unknown; targets?: unknown };
    return version === 1 ? targetsOf.parse(targets) : {};
  } catch {
    return {};
  }
}
