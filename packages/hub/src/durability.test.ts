import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { commit, countCommits, createRepo, downloadFile, listFiles, uploadFiles } from "@huggingface/hub";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHub } from "./create-hub.ts";
import { serveHub } from "./serve-hub.ts";

const script = fileURLToPath(new URL("../test/serve.ts", import.meta.url));
const tsx = import.meta.resolve("tsx");
const accessToken = "hf_local";
const repo = { type: "model" as const, name: "local/model" };

let root: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "hub-durable-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

/** A hub in its own process, ready for requests. */
async function startProcess(
  wrap: readonly string[] = [],
): Promise<{ hubUrl: string; kill(): Promise<void> }> {
  const [program = "", ...args] = [...wrap, process.execPath, "--import", tsx, script, root];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => {
    complaint += text.toString();
  });
  const exited = once(child, "exit");
  const first = await Promise.race([
    once(createInterface(child.stdout), "line"),
    exited.then(() => Promise.reject(new Error(`the hub did not start: ${complaint}`))),
  ]);
  return {
    hubUrl: String(first[0]),
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function addFile(hubUrl: string, path: string, content: string): Promise<unknown> {
  const operations = [{ operation: "addOrUpdate" as const, path, content: new Blob([content]) }];
  return commit({ repo, hubUrl, accessToken, title: `add ${path}`, operations });
}

async function textOf(hubUrl: string, path: string): Promise<string | undefined> {
  return (await downloadFile({ repo, hubUrl, accessToken, path }))?.text();
}

async function pathsOf(hubUrl: string): Promise<string[]> {
  const paths = [];
  for await (const { path } of listFiles({ repo, hubUrl, accessToken, recursive: true })) paths.push(path);
  return paths;
}

/** The only file of a kind under a repository's folder. */
async function findFile(folder: string, name: RegExp): Promise<string> {
  const base = join(root, "models/local/model", folder);
  const entries = await readdir(base, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && name.test(entry.name));
  if (!found) throw new Error(`nothing like ${name} in ${base}`);
  return join(found.parentPath, found.name);
}

describe("a hub that comes back", () => {
  it("has everything after a restart", async () => {
    const large = new Uint8Array(50_000).fill(7);
    {
      await using server = await serveHub({ app: createHub({ root }) });
      const hub = { hubUrl: server.url, accessToken };
      await createRepo({ repo, ...hub });
      await uploadFiles({ repo, ...hub, files: [{ path: "w.bin", content: new Blob([large]) }] });
      await addFile(server.url, "a.txt", "a");
    }
    await using server = await serveHub({ app: createHub({ root }) });
    expect(await textOf(server.url, "a.txt")).toBe("a");
    const back = await downloadFile({ repo, hubUrl: server.url, accessToken, path: "w.bin" });
    expect(Buffer.from((await back?.arrayBuffer()) ?? new ArrayBuffer(0)).equals(Buffer.from(large))).toBe(
      true,
    );
    expect(await countCommits({ repo, hubUrl: server.url, accessToken })).toBe(3);
  });

  it.each([1, 5, 9])("loses nothing that it acknowledged when killed after %i commits", async (kills) => {
    const first = await startProcess();
    await createRepo({ repo, hubUrl: first.hubUrl, accessToken });
    const acknowledged: string[] = [];
    // Four writers, so that there is always a commit in flight when the kill comes.
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let index = 0; ; index++) {
        const path = `files/${writer}-${index}.txt`;
        await addFile(first.hubUrl, path, path);
        acknowledged.push(path);
        if (acknowledged.length === kills) await first.kill();
      }
    });
    await Promise.allSettled(writers);

    const second = await startProcess();
    for (const path of acknowledged) expect(await textOf(second.hubUrl, path)).toBe(path);
    const present = (await pathsOf(second.hubUrl)).filter((path) => path.startsWith("files/"));
    const commits = await countCommits({ repo, hubUrl: second.hubUrl, accessToken });
    expect(commits).toBe(present.length + 1);
    await addFile(second.hubUrl, "after.txt", "works");
    expect(await textOf(second.hubUrl, "after.txt")).toBe("works");
  });

  it("does not take an upload that was cut off for the file", async () => {
    const first = await startProcess();
    await createRepo({ repo, hubUrl: first.hubUrl, accessToken });
    const content = new Uint8Array(3_000_000).fill(3);
    let sent = 0;
    const dying: typeof fetch = (input, init) => {
      if (init?.method !== "PUT") return fetch(input, init);
      const body = new ReadableStream({
        async pull(controller) {
          if (sent >= 1_000_000) {
            await first.kill();
            controller.error(new Error("cut off"));
            return;
          }
          controller.enqueue(content.slice(sent, sent + 100_000));
          sent += 100_000;
        },
      });
      return fetch(input, { ...init, body, duplex: "half" } as RequestInit);
    };
    const files = [{ path: "w.bin", content: new Blob([content]) }];
    const cut = uploadFiles({ repo, hubUrl: first.hubUrl, accessToken, fetch: dying, files });
    await expect(cut).rejects.toThrow();

    const second = await startProcess();
    expect(await pathsOf(second.hubUrl)).toEqual([".gitattributes"]);
    await uploadFiles({ repo, hubUrl: second.hubUrl, accessToken, files });
    const back = await downloadFile({ repo, hubUrl: second.hubUrl, accessToken, path: "w.bin" });
    expect((await back?.arrayBuffer())?.byteLength).toBe(content.length);
  });
});

describe("writers at the same time", () => {
  it("keeps every commit of one process", async () => {
    await using server = await serveHub({ app: createHub({ root }) });
    await createRepo({ repo, hubUrl: server.url, accessToken });
    const paths = Array.from({ length: 20 }, (_, index) => `${index}.txt`);
    await Promise.all(paths.map((path) => addFile(server.url, path, path)));
    expect(await pathsOf(server.url)).toEqual(expect.arrayContaining(paths));
    expect(await countCommits({ repo, hubUrl: server.url, accessToken })).toBe(21);
  });

  it("keeps every commit of two processes on one folder", async () => {
    const [one, two] = await Promise.all([startProcess(), startProcess()]);
    await createRepo({ repo, hubUrl: one.hubUrl, accessToken });
    const paths = Array.from({ length: 30 }, (_, index) => `${index}.txt`);
    await Promise.all(paths.map((path, index) => addFile((index % 2 ? one : two).hubUrl, path, path)));
    expect(await pathsOf(one.hubUrl)).toEqual(expect.arrayContaining(paths));
    expect(await countCommits({ repo, hubUrl: two.hubUrl, accessToken })).toBe(31);
  });

  it("lets one of two creations of the same name win", async () => {
    const [one, two] = await Promise.all([startProcess(), startProcess()]);
    const outcomes = await Promise.allSettled(
      [one, two].map(({ hubUrl }) => createRepo({ repo, hubUrl, accessToken })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("damage on the disk", () => {
  const faults: unknown[] = [];

  async function withDamage(
    damage: () => Promise<void>,
    look: (hubUrl: string) => Promise<void>,
  ): Promise<void> {
    const content = new Blob([new Uint8Array(50_000).fill(9)]);
    {
      await using server = await serveHub({ app: createHub({ root }) });
      await createRepo({ repo, hubUrl: server.url, accessToken });
      const files = [{ path: "w.bin", content }];
      await uploadFiles({ repo, hubUrl: server.url, accessToken, files });
    }
    await damage();
    faults.length = 0;
    await using server = await serveHub({ app: createHub({ root, onFault: (fault) => faults.push(fault) }) });
    await look(server.url);
  }

  const get = (url: string): Promise<Response> =>
    fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });

  it("is reported, and not served, for a large file, and mended by uploading again", async () => {
    await withDamage(
      async () => truncate(await findFile("lfs", /^[0-9a-f]{64}$/), 1000),
      async (hubUrl) => {
        const answer = await get(`${hubUrl}/local/model/resolve/main/w.bin`);
        expect([answer.status, answer.headers.get("X-Error-Code")]).toEqual([500, "hub/damaged"]);
        expect(faults).toMatchObject([{ code: "hub/damaged" }]);
        const files = [{ path: "w.bin", content: new Blob([new Uint8Array(50_000).fill(9)]) }];
        await uploadFiles({ repo, hubUrl, accessToken, files });
        expect((await get(`${hubUrl}/local/model/resolve/main/w.bin`)).status).toBe(200);
      },
    );
  });

  it("is reported for objects", async () => {
    await withDamage(
      async () => {
        const base = join(root, "models/local/model/objects");
        for (const entry of await readdir(base, { recursive: true, withFileTypes: true })) {
          if (!entry.isFile()) continue;
          const path = join(entry.parentPath, entry.name);
          const bytes = await readFile(path);
          bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
          await writeFile(path, bytes);
        }
      },
      async (hubUrl) => {
        const answer = await get(`${hubUrl}/local/model/resolve/main/.gitattributes`);
        expect([answer.status, answer.headers.get("X-Error-Code")]).toEqual([500, "hub/damaged"]);
      },
    );
  });

  it("is reported for the newest state instead of going back to an older one", async () => {
    await withDamage(
      async () => truncate(join(root, "models/local/model/state/000000000002.json"), 30),
      async (hubUrl) => {
        const answer = await get(`${hubUrl}/api/models/local/model`);
        expect([answer.status, answer.headers.get("X-Error-Code")]).toEqual([500, "hub/damaged"]);
      },
    );
  });
});

describe("a full disk", () => {
  /** Only a mount of our own can be filled; where the kernel allows none this cannot be tried. */
  const mount = ["unshare", "--user", "--map-root-user", "--mount"];
  let refusal: string | null = null;
  try {
    execFileSync(mount[0] ?? "", [...mount.slice(1), "mount", "-t", "tmpfs", "tmpfs", "/mnt"], {
      stdio: "pipe",
    });
  } catch (error) {
    refusal = String(error).split("\n")[0] ?? "";
    console.warn(`SKIPPED: a full disk was not tried, since this machine allows no mount: ${refusal}`);
  }

  it.skipIf(refusal !== null)("is an answer of its own, and what was there stays usable", async () => {
    const fill = `mount -t tmpfs -o size=4m tmpfs '${root}' && exec "$@"`;
    const { hubUrl } = await startProcess([...mount, "sh", "-c", fill, "sh"]);
    await createRepo({ repo, hubUrl, accessToken });
    const content = new Blob([new Uint8Array(8_000_000).fill(1)]);
    const upload = uploadFiles({ repo, hubUrl, accessToken, files: [{ path: "w.bin", content }] });
    await expect(upload).rejects.toMatchObject({ statusCode: 507 });
    // The half upload was removed, so that there is room again.
    const fits = new Blob([new Uint8Array(2_000_000).fill(2)]);
    await uploadFiles({ repo, hubUrl, accessToken, files: [{ path: "fits.bin", content: fits }] });
    expect(await pathsOf(hubUrl)).toEqual([".gitattributes", "fits.bin"]);
  });
});
