import { execFile, spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { embeddedHub, TOKEN } from "../../testing/embedded-hub.ts";
import { createHubRepo } from "../repositories/create-hub-repo.ts";
import { uploadHubFiles } from "../repositories/upload-hub-files.ts";

const signal = new AbortController().signal;
const apart = ["--user", "--map-root-user", "--mount"];
const canMount = spawnSync("unshare", [...apart, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0;
if (!canMount) console.warn("SKIPPED: this machine lets nobody mount a small disk, so none gets full.");

/** What a process with a disk of 16 MB does; it prints how each download ended. */
const program = `
  import { execFileSync } from "node:child_process";
  import { rmSync, truncateSync, writeFileSync } from "node:fs";
  import { openHub, WebClient, hubAccess, downloadHubRepo } from "${new URL("../../index.ts", import.meta.url).href}";
  const { url, token, folder } = JSON.parse(process.argv[1]);
  const access = hubAccess({ url, token });
  const hub = openHub(new WebClient({ cache: null, credentials: access.credentials, hosts: access }), url);
  const signal = new AbortController().signal;
  const junk = folder + "/junk";
  const ended = async (include, onProgress = () => {}) => {
    try {
      const { bytesFetched } = await downloadHubRepo(hub, {
        repo: { kind: "model", id: "me/net" }, include, folder, maxBytes: 1e9, signal, onProgress,
      });
      return { bytesFetched };
    } catch ({ code, message, mend }) {
      return { code, message, mend };
    }
  };
  const file = ["model.safetensors"];
  const results = { tooLarge: await ended(["huge.bin"]) };
  let isFilled = false;
  results.full = await ended(file, ({ bytesDone }) => {
    if (bytesDone < 1e6 || isFilled) return;
    isFilled = true;
    try { writeFileSync(junk, Buffer.alloc(16e6)); } catch {}
  });
  rmSync(junk);
  results.goneOn = await ended(file);
  execFileSync("mount", ["-o", "remount,ro", folder]);
  results.readOnly = await ended(file);
  results.cannotKeep = await ended(["other.bin"]);
  console.log(JSON.stringify(results));
`;

it.skipIf(!canMount)(
  "a disk that gets full, or read-only, is named, and nothing that arrived is lost",
  async () => {
    await using server = await embeddedHub();
    const hub = server.open();
    const repo = { kind: "model", id: "me/net" } as const;
    await createHubRepo(hub, { repo, signal });
    const file = (path: string, size: number) => ({
      path,
      content: new Blob([new Uint8Array(size).fill(size % 251)]),
    });
    const files = [
      file("model.safetensors", 12_000_000),
      file("huge.bin", 20_000_000),
      file("other.bin", 1_000),
    ];
    await uploadHubFiles(hub, { repo, title: "Files", files, signal });
    const folder = join(server.folder, "small");
    await mkdir(folder);
    const node = ["--conditions=source", "--import", "tsx", "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)("unshare", [
      ...apart,
      "sh",
      "-c",
      'mount -t tmpfs -o size=16m tmpfs "$0" && exec "$@"',
      folder,
      process.execPath,
      ...node,
      JSON.stringify({ url: server.url, token: TOKEN, folder }),
    ]);
    const results = JSON.parse(stdout);
    expect(results).toMatchObject({
      tooLarge: {
        code: "web/too_large",
        message: expect.stringMatching(/20\.0 MB .*has room for 16\.\d MB/),
      },
      full: { code: "disk/full", mend: expect.stringContaining("Free space") },
      readOnly: { bytesFetched: 0 },
      cannotKeep: { code: "web/cannot_keep", message: expect.stringContaining("read-only file system") },
    });
    expect(results.goneOn.bytesFetched).toBeLessThan(12_000_000);
  },
  60_000,
);
