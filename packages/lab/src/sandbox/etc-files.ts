import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ownEtcFiles, workspaceMount } from "./mount-plan.ts";

export interface SandboxUser {
  readonly uid: number;
  readonly gid: number;
}

function contents({ uid, gid }: SandboxUser): Readonly<Record<(typeof ownEtcFiles)[number], string>> {
  return {
    passwd: `intern:x:${uid}:${gid}::${workspaceMount}/.home:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n`,
    group: `intern:x:${gid}:\nnogroup:x:65534:\n`,
    hosts: "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
  };
}

/** Writes the files that stand in for the host's /etc, and returns their folder. The host's accounts stay outside. */
export async function writeEtcFiles({ home, user }: { home: string; user: SandboxUser }): Promise<string> {
  const directory = join(home, "sandbox", `etc-${user.uid}-${user.gid}`);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(contents(user))) {
    await writeFile(join(directory, name), text, { mode: 0o644 });
  }
  return directory;
}
