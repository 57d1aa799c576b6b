import { createReadStream } from "node:fs";
import { join } from "node:path";
import { withParquetAsJsonLines, writeWorkspaceFile } from "@ml-intern/lab";
import { type DownloadProgress, downloadHubRepo, hubRepo } from "@ml-intern/research";
import type { ToolContext } from "../../tools/define-tool.ts";
import type { Reading } from "../reading.ts";
import type { HubDownloading } from "../tools/hub-download-tool.ts";

const GIGABYTE = 1e9;
const LISTED = 50;
/** The person hears of the progress this often, in milliseconds. */
const OFTEN = 2_000;

/** Downloads into the cache that all sessions share, and copies the files into the workspace, which the sandbox can write. */
export async function downloadIntoWorkspace(
  { kind, id, revision, include, exclude, max_gigabytes: gigabytes, parquet_as_jsonl, hub }: HubDownloading,
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
  const copies: string[] = [];
  for (const { path, size } of files) {
    signal.throwIfAborted();
    const source = join(folder, path);
    const put = async (from: string, to: string): Promise<void> => {
      await writeWorkspaceFile({
        sandbox,
        path: `${place}/${to}`,
        content: createReadStream(from, { signal }),
      });
      copies.push(`- ${to}${to === path ? "" : ` (from ${path})`}, ${size} bytes`);
    };
    if (!parquet_as_jsonl || !path.endsWith(".parquet")) await put(source, path);
    else {
      const to = path.replace(/parquet$/, "jsonl");
      await withParquetAsJsonLines(source, { use: (lines) => put(lines, to), signal });
    }
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const listed = copies.slice(0, LISTED);
  const more = copies.length > LISTED ? [`[${copies.length} in all]`] : [];
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
