import { createReadStream } from "node:fs";
import { join } from "node:path";
import { writeWorkspaceFile } from "@ml-intern/lab";
import { type DownloadProgress, downloadHubRepo, hubRepo } from "@ml-intern/research";
import type { ToolContext } from "../../tools/define-tool.ts";
import type { Reading } from "../reading.ts";
import type { HubDownloading } from "../tools/hub-download-tool.ts";

const GIGABYTE = 1e9;
/** The person hears of the progress this often, in milliseconds. */
const OFTEN = 2_000;

/** Downloads into the cache that all sessions share, and copies the files into the workspace, which the sandbox can write. */
export async function downloadIntoWorkspace(
  { kind, id, revision, include, exclude, max_gigabytes: gigabytes, hub }: HubDownloading,
  { reading, context }: { readonly reading: Reading; readonly context: ToolContext },
): Promise<string> {
  const { workbench, show, signal } = context;
  const repo = hubRepo(kind, id);
  const { commit, folder, files, bytesFetched } = await downloadHubRepo(reading.hub(hub), {
    repo,
    revision,
    ...(include && { include }),
    ...(exclude && { exclude }),
    folder: join(reading.folder, "downloads"),
    maxBytes: gigabytes * GIGABYTE,
    onProgress: everySoOften(show),
    signal,
  });
  const sandbox = await workbench.sandbox("base", signal);
  const place = `downloads/${repo.id.replace("/", "--")}`;
  for (const { path } of files) {
    signal.throwIfAborted();
    const content = createReadStream(join(folder, path), { signal });
    await writeWorkspaceFile({ sandbox, path: `${place}/${path}`, content });
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const listed = files.slice(0, 50).map(({ path, size }) => `- ${path} (${size} bytes)`);
  const more = files.length > listed.length ? [`[${files.length} in all]`] : [];
  const fetched =
    bytesFetched === 0 ? "all of it was on this machine" : `${bytesFetched} of them from the network`;
  return [`${place}, commit ${commit}: ${bytes} bytes, ${fetched}.`, ...listed, ...more].join("\n");
}

function everySoOften(show: (text: string) => void): (progress: DownloadProgress) => void {
  let last = 0;
  return ({ files, filesDone, bytes, bytesDone }) => {
    if (Date.now() - last < OFTEN && bytesDone < bytes) return;
    last = Date.now();
    show(`${filesDone} of ${files} files, ${bytesDone} of ${bytes} bytes\n`);
  };
}
