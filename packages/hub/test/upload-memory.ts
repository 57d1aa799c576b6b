// How much memory a hub needs to take and give a large file.
// Run: node --import tsx packages/hub/test/upload-memory.ts [MiB]   (default 200; Linux only)
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { openAsBlob } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createRepo, downloadFile, uploadFiles } from "@huggingface/hub";

const mebibytes = Number(process.argv[2] ?? 200);
const folder = await mkdtemp(join(tmpdir(), "hub-memory-"));
const script = fileURLToPath(new URL("serve.ts", import.meta.url));
const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script, join(folder, "hub")], {
  stdio: ["ignore", "pipe", "inherit"],
});

async function peak(): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

try {
  const [hubUrl] = (await once(createInterface(child.stdout), "line")) as [string];
  const hub = { hubUrl, accessToken: "hf_local", repo: { type: "model" as const, name: "local/large" } };
  await createRepo(hub);

  const path = join(folder, "large.bin");
  const file = await open(path, "w");
  const sent = createHash("sha256");
  for (let index = 0; index < mebibytes; index++) {
    const block = Buffer.alloc(1024 * 1024, index % 251);
    sent.update(block);
    await file.write(block);
  }
  await file.close();

  const before = await peak();
  const start = performance.now();
  await uploadFiles({ ...hub, files: [{ path: "large.bin", content: await openAsBlob(path) }] });
  const uploaded = performance.now();
  const received = createHash("sha256");
  const download = await downloadFile({ ...hub, path: "large.bin" });
  for await (const chunk of download?.stream() ?? []) received.update(chunk);
  const downloaded = performance.now();

  console.log(
    JSON.stringify({
      mebibytes,
      upload_s: Math.round((uploaded - start) / 100) / 10,
      download_s: Math.round((downloaded - uploaded) / 100) / 10,
      peak_rss_before_mib: before,
      peak_rss_after_mib: await peak(),
      same_bytes: sent.digest("hex") === received.digest("hex"),
    }),
  );
} finally {
  child.kill();
  await rm(folder, { recursive: true, force: true });
}
