/**
 * What downloads cost: 1 GB in 4 files from the embedded hub, once in one go, and once with a kill -9 in the middle and a second
 * process that goes on. The bytes are counted by a relay between hub and client.
 *
 * node --conditions=source --import tsx packages/research/bench/downloads.ts [--megabytes 1000] [--rounds 3]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, openAsBlob } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { createHub, serveHub } from "@ml-intern/hub";
import { WebClient } from "../src/http/web-client.ts";
import { downloadHubRepo } from "../src/hub/downloads/download-hub-repo.ts";
import { hubAccess, openHub } from "../src/hub/hub.ts";
import type { HubRepo } from "../src/hub/hub-repo.ts";
import { createHubRepo } from "../src/hub/repositories/create-hub-repo.ts";
import { uploadHubFiles } from "../src/hub/repositories/upload-hub-files.ts";

const signal = new AbortController().signal;
const repo: HubRepo = { kind: "model", id: "local/weights" };
const FILES = 4;
const KILLS = 20;

interface Told {
  readonly megabytes: number;
  readonly done?: { readonly fetched: number; readonly ms: number; readonly maxRss: number };
}

if (process.argv[2] === "download") await downloadHere(process.argv[3] ?? "", process.argv[4] ?? "");
else await measure();

/** In a process of its own, which may be killed: tells how far it is, a line for each 10 MB. */
async function downloadHere(url: string, folder: string): Promise<void> {
  let told = 0;
  const begun = performance.now();
  const { bytesFetched } = await downloadHubRepo(hubAt(url), {
    repo,
    folder,
    maxBytes: 1e12,
    onProgress: ({ bytesDone }) => {
      if (bytesDone < told + 10e6) return;
      told = bytesDone;
      process.stdout.write(`${JSON.stringify({ megabytes: bytesDone / 1e6 } satisfies Told)}\n`);
    },
    signal,
  });
  const maxRss = process.resourceUsage().maxRSS * 1024;
  const done = { fetched: bytesFetched, ms: performance.now() - begun, maxRss };
  process.stdout.write(`${JSON.stringify({ megabytes: told / 1e6, done } satisfies Told)}\n`);
}

async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: { megabytes: { type: "string", default: "1000" }, rounds: { type: "string", default: "3" } },
  });
  const bytes = Number(values.megabytes) * 1e6;
  const root = await mkdtemp(join(tmpdir(), "downloads-bench-"));
  try {
    await using server = await serveHub({ app: createHub({ root: join(root, "hub") }) });
    await fill(server.url, { root, bytes });
    await using relay = await countingRelay(server.port);
    console.log(`${cpus().length} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`);
    console.log(`${bytes / 1e6} MB in ${FILES} files\n`);
    for (let round = 0; round < Number(values.rounds); round++) {
      const whole = join(root, `whole-${round}`);
      relay.reset();
      const once_ = await run(relay.url, whole).done;
      say("in one go", once_, { bytes, sent: relay.sent() });
      relay.reset();
      say("again", await run(relay.url, whole).done, { bytes: 0, sent: relay.sent() });
      await rm(whole, { recursive: true, force: true });

      const folder = join(root, `killed-${round}`);
      relay.reset();
      await run(relay.url, folder, (megabytes, child) => {
        if (megabytes > bytes / 2e6) child.kill("SIGKILL");
      }).exit;
      const resumed = await run(relay.url, folder).done;
      say("killed in the middle, gone on", resumed, { bytes, sent: relay.sent() });
      await checkAll(relay.url, folder);
      await rm(folder, { recursive: true, force: true });
    }
    const often = join(root, "often");
    relay.reset();
    for (let kill = 1; kill <= KILLS; kill++) {
      await run(relay.url, often, (megabytes, child) => {
        if (megabytes > (kill / (KILLS + 1)) * (bytes / 1e6)) child.kill("SIGKILL");
      }).exit;
    }
    say(`killed ${KILLS} times`, await run(relay.url, often).done, { bytes, sent: relay.sent() });
    await checkAll(relay.url, often);
    const probe = join(root, "probe");
    const begun = performance.now();
    const hash = createHash("sha256");
    for await (const piece of createReadStream(probe, { highWaterMark: 1 << 20 })) hash.update(piece);
    hash.digest();
    console.log(`\nreading and SHA-256 alone: ${rate(bytes / FILES, performance.now() - begun)}`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function say(
  what: string,
  { fetched, ms, maxRss }: NonNullable<Told["done"]>,
  { bytes, sent }: { readonly bytes: number; readonly sent: number },
): void {
  const twice = Math.max(0, sent - bytes) / 1e6;
  const parts = [
    `${(ms / 1000).toFixed(1)} s`,
    fetched === 0 ? "nothing fetched" : `${(fetched / 1e6).toFixed(0)} MB fetched at ${rate(fetched, ms)}`,
    `${twice.toFixed(1)} MB over the wire beyond the files`,
    `peak RSS ${(maxRss / 1e6).toFixed(0)} MB`,
  ];
  console.log(`${what.padEnd(32)} ${parts.join(", ")}`);
}

function rate(bytes: number, ms: number): string {
  return `${(bytes / 1e6 / (ms / 1000)).toFixed(0)} MB/s`;
}

function hubAt(url: string, options: { readonly offline?: boolean } = {}): ReturnType<typeof openHub> {
  const access = hubAccess({ url, token: "hf_bench" });
  const { credentials } = access;
  const hosts = { ownServers: access.ownServers };
  return openHub(new WebClient({ cache: null, credentials, hosts, ...options }), url);
}

async function fill(
  url: string,
  { root, bytes }: { readonly root: string; readonly bytes: number },
): Promise<void> {
  const hub = hubAt(url);
  await createHubRepo(hub, { repo, isPublic: true, signal });
  const size = bytes / FILES;
  const block = Buffer.alloc(1e6);
  for (let at = 0; at < block.length; at += 4) block.writeUInt32LE((at * 2654435761) >>> 0, at);
  for (let index = 0; index < FILES; index++) {
    const path = join(root, "probe");
    const handle = await open(path, "w");
    for (let at = 0; at < size; at += block.length) {
      block.writeUInt32LE(index * 1e6 + at / block.length, 0);
      await handle.write(block.subarray(0, Math.min(block.length, size - at)));
    }
    await handle.close();
    const files = [{ path: `model-${index}.safetensors`, content: await openAsBlob(path) }];
    await uploadHubFiles(hub, { repo, title: `Part ${index}`, files, signal });
  }
}

/** Every file has the bytes that its name in the cache says. */
async function checkAll(url: string, folder: string): Promise<void> {
  const { files, folder: shown } = await downloadHubRepo(hubAt(url, { offline: true }), {
    repo,
    folder,
    maxBytes: 1e12,
    signal,
  });
  for (const { path, checksum } of files.filter((file) => file.checksum.kind === "sha256")) {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(join(shown, path), { highWaterMark: 1 << 20 }))
      hash.update(piece);
    if (hash.digest("hex") !== checksum.hash) throw new Error(`${path} is not what it should be`);
  }
}

function run(
  url: string,
  folder: string,
  onProgress: (megabytes: number, child: ChildProcess) => void = () => undefined,
): { readonly done: Promise<NonNullable<Told["done"]>>; readonly exit: Promise<unknown> } {
  const args = [
    "--conditions=source",
    "--import",
    "tsx",
    new URL(import.meta.url).pathname,
    "download",
    url,
    folder,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let last: Told | null = null;
  createInterface({ input: child.stdout }).on("line", (line) => {
    last = JSON.parse(line) as Told;
    onProgress(last.megabytes, child);
  });
  const exit = once(child, "close");
  const done = exit.then(() => {
    if (last?.done === undefined) throw new Error("the download did not come to its end");
    return last.done;
  });
  done.catch(() => undefined); // of one that is killed nobody asks
  return { done, exit };
}

interface Relay extends AsyncDisposable {
  readonly url: string;
  /** Bytes that went to clients since the last reset. */
  sent(): number;
  reset(): void;
}

async function countingRelay(port: number): Promise<Relay> {
  let bytes = 0;
  const server = createServer((client) => {
    const hub = connect(port, "127.0.0.1");
    client.on("error", () => hub.destroy()).pipe(hub);
    hub.on("error", () => client.destroy()).pipe(client);
    client.on("close", () => {
      bytes += client.bytesWritten;
      hub.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => bytes,
    reset: () => {
      bytes = 0;
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
