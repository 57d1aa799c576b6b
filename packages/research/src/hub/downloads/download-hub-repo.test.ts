import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publicFetch } from "../../http/fetch.ts";
import { type EmbeddedHub, embeddedHub, TOKEN } from "../../testing/embedded-hub.ts";
import { serveWeb } from "../../testing/web-service.ts";
import { type Hub, hubAccess } from "../hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import { createHubRepo } from "../repositories/create-hub-repo.ts";
import { createHubTag } from "../repositories/create-hub-tag.ts";
import { uploadHubFiles } from "../repositories/upload-hub-files.ts";
import { type Download, type DownloadOptions, downloadHubRepo } from "./download-hub-repo.ts";

const signal = new AbortController().signal;
const repo: HubRepo = { kind: "model", id: "me/net" };
const LARGE = 12_000_000;
const weights = new Uint8Array(LARGE).map((_, index) => (index * 2654435761) >>> 24);

let server: EmbeddedHub;
let hub: Hub;
let folder: string;
let commit: string;

beforeEach(async () => {
  server = await embeddedHub();
  hub = server.open();
  folder = join(server.folder, "cache");
  await createHubRepo(hub, { repo, signal });
  const files = [
    { path: "config.json", content: new Blob(['{"hidden_size": 8}']) },
    { path: "model.safetensors", content: new Blob([weights]) },
    { path: "onnx/model.safetensors", content: new Blob([weights]) },
    { path: "onnx/notes.txt", content: new Blob(["n\n"]) },
    { path: "empty", content: new Blob([]) },
  ];
  ({ commit } = await uploadHubFiles(hub, { repo, title: "Files", files, signal }));
});

afterEach(() => server[Symbol.asyncDispose]());

const download = (options: Partial<DownloadOptions> = {}, from: Hub = hub): Promise<Download> =>
  downloadHubRepo(from, { repo, folder, maxBytes: 1e9, signal, ...options });

const blobs = async (): Promise<string[]> => (await readdir(join(folder, "blobs")).catch(() => [])).sort();

describe("a download", () => {
  it("puts files under their commit, the same bytes once, and a second one fetches nothing", async () => {
    const seen: number[] = [];
    const done = await download({ onProgress: ({ bytesDone }) => seen.push(bytesDone) });
    expect(done.commit).toBe(commit);
    expect(done.files).toHaveLength(6);
    // The weights lie at two paths.
    const bytes = done.files.reduce((sum, { size }) => sum + size, 0);
    expect(done.bytesFetched).toBe(bytes - LARGE);
    expect(seen.at(-1)).toBe(bytes);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(await blobs()).toHaveLength(5);
    expect((await readFile(join(done.folder, "model.safetensors"))).equals(weights)).toBe(true);
    expect((await stat(join(done.folder, "empty"))).size).toBe(0);
    expect((await stat(join(done.folder, "config.json"))).mode & 0o222).toBe(0);
    const again = await download();
    expect(again).toEqual({ ...done, bytesFetched: 0 });
  });

  it("takes what include and exclude say, at a tag", async () => {
    await createHubTag(hub, { repo, tag: "v1", signal });
    await uploadHubFiles(hub, {
      repo,
      title: "More",
      files: [{ path: "later.txt", content: new Blob(["l"]) }],
      signal,
    });
    const done = await download({
      revision: "v1",
      include: ["*.safetensors", "*.txt"],
      exclude: ["onnx/*.safetensors"],
    });
    expect(done.commit).toBe(commit);
    expect(done.files.map(({ path }) => path)).toEqual(["model.safetensors", "onnx/notes.txt"]);
    await expect(download({ include: ["*.gguf"] })).rejects.toMatchObject({
      code: "web/not_found",
      mend: expect.stringContaining("config.json"),
    });
  });

  it("is there without a network, and what is not there is named", async () => {
    const first = await download({ include: ["config.json"] });
    const offline = server.open({ offline: true });
    expect(await download({ include: ["config.json"] }, offline)).toEqual({ ...first, bytesFetched: 0 });
    await expect(download({}, offline)).rejects.toMatchObject({ code: "web/offline" });
    await server.stop();
    expect(await download({ include: ["config.json"] }, hub)).toEqual({ ...first, bytesFetched: 0 });
  });

  it("that is too large is not begun", async () => {
    await expect(download({ maxBytes: 5_000_000 })).rejects.toMatchObject({
      code: "web/too_large",
      message: expect.stringContaining("the limit is 5.00 MB"),
      mend: expect.stringContaining("model.safetensors (12.0 MB)"),
    });
    expect(await blobs()).toEqual([]);
  });

  it("that is stopped keeps what has arrived, and goes on from there", async () => {
    const stop = new AbortController();
    let arrived = 0;
    const stopping = download({
      include: ["model.safetensors"],
      onProgress: ({ bytesDone }) => {
        arrived = bytesDone;
        if (bytesDone > 1_000_000) stop.abort(new Error("stopped"));
      },
      signal: stop.signal,
    });
    await expect(stopping).rejects.toThrow("stopped");
    const [part] = (await blobs()).filter((name) => name.endsWith(".part"));
    const kept = (await stat(join(folder, "blobs", part ?? ""))).size;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(arrived);
    const done = await download({ include: ["model.safetensors"] });
    expect(done.bytesFetched).toBe(LARGE - kept);
    expect((await readFile(join(done.folder, "model.safetensors"))).equals(weights)).toBe(true);
  });

  it("of two at once fetches each file once", async () => {
    const fetched = await Promise.all([download(), download()]);
    const sizes = fetched.map(({ bytesFetched }) => bytesFetched).sort((a, b) => a - b);
    expect((sizes[0] ?? 0) + (sizes[1] ?? 0)).toBeLessThan(LARGE * 1.1);
  });

  it("of a repository that is gated or not there says so", async () => {
    await hub.web.request({
      url: `${server.url}/api/models/me/net/settings`,
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: '{"gated": "manual", "private": false}',
      signal,
    });
    const stranger = server.open({ token: "hf_other" });
    await expect(download({}, stranger)).rejects.toMatchObject({
      code: "web/forbidden",
      message: /gated/,
      mend: expect.stringContaining(`Ask for access at ${server.url}/me/net`),
    });
    await expect(download({ repo: { kind: "model", id: "me/nothing" } })).rejects.toMatchObject({
      code: "web/not_found",
    });
    await expect(download({ revision: "nowhere" })).rejects.toMatchObject({ mend: /branches and tags/ });
  });
});

describe("the cache", () => {
  it("notices files that were changed, and fetches them again", async () => {
    const done = await download();
    const path = join(done.folder, "model.safetensors");
    await chmod(path, 0o644);
    await writeFile(path, new Uint8Array(LARGE));
    await truncate(join(done.folder, "config.json"), 3);
    const again = await download();
    expect(again.bytesFetched).toBe(LARGE + 18);
    expect((await readFile(path)).equals(weights)).toBe(true);
    expect(await readFile(join(done.folder, "config.json"), "utf8")).toBe('{"hidden_size": 8}');
  });

  it("keeps files that were only touched, and puts back what was removed", async () => {
    const done = await download();
    await utimes(join(done.folder, "model.safetensors"), new Date(), new Date());
    await rm(join(done.folder, "onnx"), { recursive: true });
    expect(await download()).toEqual({ ...done, bytesFetched: 0 });
    expect((await stat(join(done.folder, "onnx/notes.txt"))).size).toBe(2);
  });

  it("that cannot be written is named, and a damaged list of files is asked for again", async () => {
    await writeFile(join(server.folder, "file"), "");
    await expect(download({ folder: join(server.folder, "file") })).rejects.toMatchObject({
      code: "web/cannot_keep",
      mend: /can be written/,
    });
    const done = await download({ include: ["config.json"] });
    await writeFile(`${done.folder}.json`, '[{"path":');
    expect(await download({ include: ["config.json"] })).toEqual({ ...done, bytesFetched: 0 });
  });

  it("begins anew where what was kept of a file is of something else", async () => {
    const done = await download();
    const blob = join(folder, "blobs", done.files.find(({ size }) => size === LARGE)?.checksum.hash ?? "");
    await rm(blob);
    await rm(done.folder, { recursive: true });
    await writeFile(`${blob}.part`, new Uint8Array(5_000_000));
    const again = await download();
    // The rest of it, and then all of it.
    expect(again.bytesFetched).toBe(LARGE - 5_000_000 + LARGE);
    expect((await readFile(join(done.folder, "model.safetensors"))).equals(weights)).toBe(true);
  });

  it("goes on after a process was killed in the middle", async () => {
    const program = `
      import { openHub, WebClient, hubAccess, downloadHubRepo } from "${new URL("../../index.ts", import.meta.url).href}";
      const { url, token, folder } = JSON.parse(process.argv[1]);
      const web = new WebClient({ cache: null, credentials: hubAccess({ url, token }).credentials, hosts: hubAccess({ url, token }) });
      const signal = new AbortController().signal;
      await downloadHubRepo(openHub(web, url), {
        repo: { kind: "model", id: "me/net" }, include: ["model.safetensors"], folder, maxBytes: 1e9, signal,
        onProgress: ({ bytesDone }) => { if (bytesDone > 2e6) { process.kill(process.pid, "SIGKILL"); } },
      });`;
    const options = JSON.stringify({ url: server.url, token: TOKEN, folder });
    const child = spawn(
      process.execPath,
      ["--conditions=source", "--import", "tsx", "--input-type=module", "--eval", program, options],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const [, killedBy] = await once(child, "exit");
    expect(killedBy).toBe("SIGKILL");
    const done = await download({ include: ["model.safetensors"] });
    expect(done.bytesFetched).toBeLessThan(LARGE - 1_000_000);
    expect((await readFile(join(done.folder, "model.safetensors"))).equals(weights)).toBe(true);
    expect((await blobs()).filter((name) => !/^[0-9a-f]+$/.test(name))).toEqual([]);
  }, 60_000);
});

/** The hub behind something that changes its answers to downloads. */
function through(
  change: (response: Response, range: string | undefined) => Response | Promise<Response>,
): Hub {
  const real = publicFetch(hubAccess({ url: server.url, token: TOKEN }));
  return server.open({
    fetch: async (url, init) => {
      const response = await real(url, init);
      return url.includes("/resolve/") ? await change(response, init.headers.range) : response;
    },
  });
}

describe("a connection", () => {
  const only = { include: ["model.safetensors"] };

  it("that breaks off is taken up where it broke", async () => {
    let answers = 0;
    const flaky = through(async (response) => {
      if (++answers > 2 || response.body === null) return response;
      let sent = 0;
      const cut = response.body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(piece, controller) {
            sent += piece.byteLength;
            if (sent > 3_000_000) controller.error(new TypeError("terminated"));
            else controller.enqueue(piece);
          },
        }),
      );
      return new Response(cut, response);
    });
    const done = await download(only, flaky);
    expect(answers).toBe(3);
    expect(done.bytesFetched).toBe(LARGE);
  });

  it("that ends too early every time is told", async () => {
    const short = through(
      async (response) => new Response((await response.arrayBuffer()).slice(0, 0), response),
    );
    await expect(download(only, short)).rejects.toMatchObject({
      code: "web/unreachable",
      message: /after 0 of 12000000 bytes/,
      mend: /goes on/,
    });
  });

  it("that knows no ranges begins the file anew", async () => {
    const done = await download(only);
    const blob = join(folder, "blobs", done.files[0]?.checksum.hash ?? "");
    await rm(blob);
    await writeFile(`${blob}.part`, weights.subarray(0, 4_000_000));
    const plain = through((response, range) =>
      range === undefined ? response : new Response(weights, { status: 200 }),
    );
    expect((await download(only, plain)).bytesFetched).toBe(LARGE);
    expect((await readFile(join(done.folder, "model.safetensors"))).equals(weights)).toBe(true);
  });

  it("that brings wrong bytes twice is an error, and nothing of it is kept", async () => {
    let answers = 0;
    const liar = through(async (response) => {
      answers++;
      await response.body?.cancel();
      return new Response(new Uint8Array(LARGE), response);
    });
    await expect(download(only, liar)).rejects.toMatchObject({
      code: "web/wrong_checksum",
      message: /not kept/,
    });
    expect(answers).toBe(2);
    expect(await blobs()).toEqual([]);
    const longer = through(async (response) => {
      await response.body?.cancel();
      return new Response(new Uint8Array(LARGE + 1), response);
    });
    await expect(download(only, longer)).rejects.toMatchObject({
      code: "web/wrong_checksum",
      message: /longer/,
    });
    expect(await blobs()).toEqual([]);
  });

  it("that leads to another host brings no token there", async () => {
    await using cdn = await serveWeb((_, response) => void response.end(weights));
    const real = publicFetch({ ownServers: [new URL(server.url).host, cdn.host] });
    const asked: string[] = [];
    const redirecting = server.open({
      hosts: { ownServers: [cdn.host] },
      fetch: async (url, init) => {
        asked.push(`${new URL(url).host} ${init.headers.authorization ?? "nothing"}`);
        if (url.includes("/resolve/")) return Response.redirect(`${cdn.url}/blob?signature=1`, 302);
        return await real(url, init);
      },
    });
    const done = await download(only, redirecting);
    expect(done.bytesFetched).toBe(LARGE);
    expect(cdn.asked).toHaveLength(1);
    expect(cdn.asked[0]?.headers).not.toHaveProperty("authorization");
    expect(asked).toContain(`${new URL(server.url).host} Bearer ${TOKEN}`);
    expect(asked).toContain(`${cdn.host} nothing`);
  });
});

it("a hub that names files outside of the folder is not believed", async () => {
  const evil = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.url?.includes("/revision/")) response.end(JSON.stringify({ sha: "a".repeat(40) }));
    else
      response.end(JSON.stringify([{ type: "file", path: "../../.bashrc", size: 1, oid: "b".repeat(40) }]));
  });
  await new Promise<void>((resolve) => evil.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
    await expect(download({}, server.open({ url }))).rejects.toMatchObject({ code: "web/malformed" });
    await mkdir(folder, { recursive: true });
    expect(await readdir(server.folder)).not.toContain(".bashrc");
  } finally {
    evil.close();
  }
});
