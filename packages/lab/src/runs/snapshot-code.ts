import { createHash } from "node:crypto";
import { constants, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { entryOf, openBeneath } from "../sandbox/open-beneath.ts";

/** The code of a workspace at one moment: the hash of each file, by path. */
export type CodeFiles = Readonly<Record<string, string>>;

export interface SnapshotCodeOptions {
  readonly workspace: string;
  /** A content-addressed store out of the sandbox's reach. */
  readonly objects: string;
  readonly signal: AbortSignal;
}

const codeFile = /\.(py|sh|json|yaml|yml|toml|cfg|ini|txt|md|r|sql|ipynb)$/i;
/** What the lab put there, what runs write, what programs keep for themselves. */
const leftOut = new Set(["data", "runs", "__pycache__", "node_modules"]);
const largest = 1024 ** 2;
const most = 1000;

/** Copies every code file of a workspace into the store, under its hash; identical files are stored once. */
export async function snapshotCode({ workspace, objects, signal }: SnapshotCodeOptions): Promise<CodeFiles> {
  const files: Record<string, string> = {};
  let count = 0;
  const visit = async (path: string): Promise<void> => {
    signal.throwIfAborted();
    const file = await openBeneath({ root: workspace, path, flags: constants.O_RDONLY }).catch(() => null);
    if (file === null) return; // a link, or gone: no code of this workspace
    try {
      const status = await file.stat();
      if (status.isDirectory()) {
        for (const name of (await readdir(entryOf(file, "."))).sort()) {
          const skipped =
            name.startsWith(".") || (path === "" && leftOut.has(name)) || name === "__pycache__";
          if (!skipped) await visit(path === "" ? name : `${path}/${name}`);
        }
      } else if (status.isFile() && status.nlink === 1 && codeFile.test(path) && status.size <= largest) {
        if (++count > most) return;
        files[path] = await store(objects, await file.readFile());
      }
    } finally {
      await file.close();
    }
  };
  await visit("");
  return files;
}

async function store(objects: string, content: Uint8Array): Promise<string> {
  const hash = createHash("sha256").update(content).digest("hex");
  const folder = join(objects, hash.slice(0, 2));
  await mkdir(folder, { recursive: true });
  const path = join(folder, hash);
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
  return hash;
}

export interface HashCodeOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly files: CodeFiles;
}

/** One hash for what is going to run; the seed is not part of it. */
export function hashCode({ script, args, files }: HashCodeOptions): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([script, args, sorted]))
    .digest("hex");
}
