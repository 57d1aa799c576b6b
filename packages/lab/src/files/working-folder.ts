import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownerMark, readOwner } from "../sandbox/process-identity.ts";

export interface WorkingFolder extends AsyncDisposable {
  readonly path: string;
}

const PREFIX = "ml-intern-";

/**
 * A new folder that is removed when it is disposed; `parent` is the system's temporary folder unless given. What killed
 * processes left there is removed on the way, so a kill -9 costs disk space only until the next use.
 */
export async function workingFolder(options: { readonly parent?: string } = {}): Promise<WorkingFolder> {
  const parent = options.parent ?? tmpdir();
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const path = await mkdtemp(join(parent, `${PREFIX}${await ownerMark()}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!/^ml-intern-\d+-\d+-\d+-/.test(name)) continue;
    if ((await readOwner(name.slice(PREFIX.length))) !== "dead") continue;
    // Another user's, or being swept by another process: it is not in anybody's way.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
