import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CodeFiles } from "../runs/snapshot-code.ts";
import type { JobRequest } from "./job-request.ts";

export function codeDirectory(home: string): string {
  return join(home, "jobs", "code");
}

/** A folder with the code of a run; it goes when it is disposed of. */
export interface CodeCopy extends AsyncDisposable {
  readonly directory: string;
  /** Makes `data` beside the code lead to the workspace's, for scripts that look beside themselves. */
  linkData(workspace: string): Promise<void>;
}

/**
 * Lays out the code of a request as it was kept, for the sandbox to read: what changes in the workspace while a run waits
 * or works is not what runs.
 */
export async function layOutCode(options: {
  readonly home: string;
  readonly key: string;
  readonly request: JobRequest;
}): Promise<CodeCopy> {
  const { home, key, request } = options;
  const { labDirectory, run } = request;
  // Other users may pass, as the sandbox's own does where there are no mounts, but cannot list what is there.
  await mkdir(codeDirectory(home), { recursive: true, mode: 0o711 });
  const directory = join(codeDirectory(home), key);
  const list = await readFile(join(labDirectory, "runs", run.id, "code.json"), "utf8");
  await rm(directory, { recursive: true, force: true });
  for (const [path, hash] of Object.entries(JSON.parse(list) as CodeFiles)) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFile(target, await readFile(join(labDirectory, "objects", hash.slice(0, 2), hash)));
  }
  return {
    directory,
    linkData: (workspace) => symlink(join(workspace, "data"), join(directory, "data")),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
