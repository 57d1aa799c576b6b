import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createHub } from "./create-hub.ts";
import { HubError } from "./hub-error.ts";
import { serveHub } from "./serve-hub.ts";

const token = { Authorization: "Bearer hf_x" };
let folder: string;
let root: string;
let clock: Date;
let app: Hono;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-app-"));
  root = join(folder, "hub");
  clock = new Date("2026-05-04T03:02:01Z");
  app = createHub({ root, now: () => clock });
});

afterEach(() => rm(folder, { recursive: true, force: true }));

function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = token,
): Promise<Response> {
  const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  return Promise.resolve(app.request(`http://hub.test${path}`, { method, headers, ...init }));
}

function ndjson(operations: readonly unknown[]): string {
  return [{ key: "header", value: { summary: "test" } }, ...operations]
    .map((line) => JSON.stringify(line))
    .join("\n");
}

function addFile(path: string, content: string, revision = "main"): Promise<Response> {
  return call(
    "POST",
    `/api/models/local/m/commit/${revision}`,
    ndjson([{ key: "file", value: { path, content } }]),
  );
}

async function createRepo(): Promise<void> {
  expect((await call("POST", "/api/repos/create", { name: "m" })).status).toBe(200);
}

describe("errors", () => {
  it("carry the headers that clients go by", async () => {
    const answer = await call("GET", "/api/models/local/none");
    expect(answer.status).toBe(404);
    expect(answer.headers.get("X-Error-Code")).toBe("RepoNotFound");
    expect(answer.headers.get("X-Error-Message")).toBe("Repository not found");
    expect(answer.headers.get("X-Request-Id")).toMatch(/^[\w-]+$/);
    expect(await answer.json()).toEqual({ error: "Repository not found" });
  });

  it("tell nobody without a token which private names exist", async () => {
    await call("POST", "/api/repos/create", { name: "hidden", private: true });
    const [absent, hidden] = await Promise.all(
      ["absent", "hidden"].map((name) => call("GET", `/api/models/local/${name}`, undefined, {})),
    );
    expect([absent?.status, hidden?.status]).toEqual([401, 401]);
    expect(await absent?.text()).toBe(await hidden?.text());
  });

  it("name an unknown revision and an unknown file, with the commit that was looked at", async () => {
    await createRepo();
    const revision = await call("GET", "/local/m/resolve/nope/a.txt");
    expect([revision.status, revision.headers.get("X-Error-Code")]).toEqual([404, "RevisionNotFound"]);
    const entry = await call("GET", "/local/m/resolve/main/a.txt");
    expect([entry.status, entry.headers.get("X-Error-Code")]).toEqual([404, "EntryNotFound"]);
    expect(entry.headers.get("X-Repo-Commit")).toMatch(/^[0-9a-f]{40}$/);
  });

  it("say what is wrong with a request", async () => {
    await createRepo();
    expect((await call("POST", "/api/repos/create", "not json")).status).toBe(400);
    expect(
      (await call("POST", "/api/models/local/m/commit/main", '{"key":"unknown","value":{}}')).status,
    ).toBe(400);
    expect((await call("GET", "/api/models?sort=trending_score")).status).toBe(400);
    const noHeader = await call(
      "POST",
      "/api/models/local/m/commit/main",
      '{"key":"deletedFile","value":{"path":"x"}}',
    );
    expect(await noHeader.json()).toEqual({ error: "The commit has no header line" });
    const absent = ndjson([{ key: "lfsFile", value: { path: "w.bin", oid: "a".repeat(64), size: 3 } }]);
    expect((await call("POST", "/api/models/local/m/commit/main", absent)).status).toBe(400);
  });

  it("report a folder that cannot be used before anything is served", async () => {
    await writeFile(join(folder, "file"), "");
    expect(() => createHub({ root: join(folder, "file") })).toThrow(HubError);
  });
});

describe("tokens", () => {
  it("are needed for writing, and without configured ones have to look like one", async () => {
    expect((await call("POST", "/api/repos/create", { name: "m" }, {})).status).toBe(401);
    const wrong = { Authorization: "Bearer something" };
    expect((await call("POST", "/api/repos/create", { name: "m" }, wrong)).status).toBe(401);
    expect((await call("GET", "/api/models", undefined, wrong)).status).toBe(401);
  });

  it("may be checked by a function", async () => {
    app = createHub({ root, tokens: async (given) => (given === "secret" ? { user: "eve" } : null) });
    const eve = await call("GET", "/api/whoami-v2", undefined, { Authorization: "Bearer secret" });
    expect(await eve.json()).toMatchObject({ name: "eve" });
    expect((await call("GET", "/api/whoami-v2")).status).toBe(401);
  });
});

describe("names and paths", () => {
  const outside = async () => (await readdir(folder)).sort();

  it.each(["../x", "..", ".", "a/../b", "a b", "-a", "a..b", "x.git", "", "a\0b", "a".repeat(97), "%2e%2e"])(
    "refuse the repository name %j",
    async (name) => {
      expect((await call("POST", "/api/repos/create", { name })).status).toBe(400);
      expect(
        (await call("POST", "/api/repos/create", { name: "x", organization: name || "api" })).status,
      ).toBe(400);
      expect(await outside()).toEqual(["hub"]);
    },
  );

  it.each(["../up.txt", "a/../../b", "/etc/x", "a//b", "./a", "a/.", ".git/config", "a\\b", "a\nb", ""])(
    "refuse the file path %j",
    async (path) => {
      await createRepo();
      expect((await addFile(path, "x")).status).toBe(400);
      expect(await outside()).toEqual(["hub"]);
    },
  );

  it("cannot be walked out of by an address", async () => {
    await createRepo();
    await writeFile(join(folder, "private.txt"), "private");
    await using server = await serveHub({ app });
    const get = (path: string) =>
      new Promise<number>((resolve, reject) => {
        // node:http sends the path as it is, where fetch would tidy it.
        const sent = request({ host: "127.0.0.1", port: server.port, path, headers: token }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        sent.on("error", reject).end();
      });
    const up = "..%2f..%2f..%2f..%2f..%2fprivate.txt";
    for (const path of [
      `/local/m/resolve/main/${up}`,
      `/local/m/resolve/main/../../../../../private.txt`,
      `/local/m/resolve/${up}/x`,
      `/local/..%2f..%2f..%2f/resolve/main/private.txt`,
      `/..%2f..%2f/m/resolve/main/x`,
      `/api/models/local/m/tree/main/${up}`,
      `/api/models/..%2f..%2f/m`,
      `/api/models/local/..%2f..%2fx/tree/main`,
      `/local/m/resolve/main/%E0%A4%A`,
    ]) {
      expect([path, await get(path)]).toEqual([
        path,
        expect.toSatisfy((status: number) => status >= 400 && status < 500),
      ]);
    }
  });

  it("may hold spaces, signs and letters of any script", async () => {
    await createRepo();
    const path = "ordner/größe #1 100%?.txt";
    expect((await addFile(path, "hallo")).status).toBe(200);
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    expect(await (await call("GET", `/local/m/resolve/main/${encoded}`)).text()).toBe("hallo");
    const tree = await call("GET", `/api/models/local/m/tree/main/${encodeURIComponent("ordner")}`);
    expect(await tree.json()).toMatchObject([{ path }]);
  });
});

describe("downloads", () => {
  beforeEach(async () => {
    await createRepo();
    await addFile("a.txt", "0123456789");
    await addFile("page.html", "<script>alert(1)</script>");
    await addFile("empty.txt", "");
  });
  const get = (headers: Record<string, string>, path = "a.txt", method = "GET") =>
    call(method, `/local/m/resolve/main/${path}`, undefined, { ...token, ...headers });

  it("give parts", async () => {
    const part = await get({ Range: "bytes=2-4" });
    expect([part.status, part.headers.get("Content-Range"), await part.text()]).toEqual([
      206,
      "bytes 2-4/10",
      "234",
    ]);
    const end = await get({ Range: "bytes=-3" });
    expect([end.status, await end.text()]).toEqual([206, "789"]);
    const beyond = await get({ Range: "bytes=10-" });
    expect([beyond.status, beyond.headers.get("Content-Range")]).toEqual([416, "bytes */10"]);
  });

  it("answer HEAD with size, id and commit", async () => {
    const head = await get({}, "a.txt", "HEAD");
    const etag = createHash("sha1")
      .update("blob 10\0" + "0123456789")
      .digest("hex");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect(head.headers.get("Content-Length")).toBe("10");
    expect(head.headers.get("ETag")).toBe(`"${etag}"`);
    expect(head.headers.get("X-Repo-Commit")).toMatch(/^[0-9a-f]{40}$/);
  });

  it("are not sent again to who has them", async () => {
    const etag = (await get({})).headers.get("ETag") ?? "";
    expect((await get({ "If-None-Match": etag })).status).toBe(304);
    expect((await get({ "If-Range": '"other"', Range: "bytes=0-1" })).status).toBe(200);
  });

  it("tell the size of an empty file", async () => {
    const empty = await get({ Range: "bytes=0-0" }, "empty.txt");
    expect([empty.status, empty.headers.get("Content-Range")]).toEqual([200, "bytes */0"]);
  });

  it("never run in a browser", async () => {
    const page = await get({}, "page.html");
    expect(page.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    expect(page.headers.get("Content-Security-Policy")).toContain("sandbox");
    expect(page.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });
});

describe("large uploads", () => {
  const content = Buffer.from("weights ".repeat(100));
  const oid = createHash("sha256").update(content).digest("hex");

  interface BatchAnswer {
    objects: {
      actions?: { upload: { href: string; header?: Record<string, string> }; verify: { href: string } };
    }[];
  }
  async function batch(
    transfers: string[] = ["basic"],
  ): Promise<NonNullable<BatchAnswer["objects"][0]["actions"]>> {
    const body = { operation: "upload", transfers, objects: [{ oid, size: content.length }] };
    const answer = (await (
      await call("POST", "/local/m.git/info/lfs/objects/batch", body)
    ).json()) as BatchAnswer;
    const actions = answer.objects[0]?.actions;
    if (!actions) throw new Error("nothing to upload");
    return actions;
  }
  const put = (href: string, body: Uint8Array<ArrayBuffer>) =>
    Promise.resolve(app.request(href, { method: "PUT", body }));
  const commitIt = () =>
    call(
      "POST",
      "/api/models/local/m/commit/main",
      ndjson([{ key: "lfsFile", value: { path: "w.bin", oid, size: content.length } }]),
    );

  it("need the signed address, for this file, in time", async () => {
    await createRepo();
    const { href } = (await batch()).upload;
    expect((await put(href.replace(/signature=..../, "signature=0000"), content)).status).toBe(403);
    expect((await put(href.replace(/size=\d+/, "size=5"), content)).status).toBe(403);
    expect((await put(href.replace(oid, "b".repeat(64)), content)).status).toBe(403);
    clock = new Date(clock.getTime() + 7 * 3600 * 1000);
    expect((await put(href, content)).status).toBe(403);
    const { upload, verify } = await batch();
    expect((await put(upload.href, content)).status).toBe(200);
    const check = await app.request(verify.href, {
      method: "POST",
      body: JSON.stringify({ oid, size: content.length }),
    });
    expect(check.status).toBe(200);
    expect((await commitIt()).status).toBe(200);
  });

  it("do not outlive their repository", async () => {
    await createRepo();
    const { href } = (await batch()).upload;
    await call("DELETE", "/api/repos/delete", { name: "m" });
    await createRepo();
    expect((await put(href, content)).status).toBe(404);
  });

  it.each([
    ["other bytes", Buffer.alloc(content.length, 1)],
    ["too few bytes", content.subarray(1)],
    ["too many bytes", Buffer.concat([content, content])],
  ])("refuse %s, and keep nothing of them", async (_name, wrong) => {
    await createRepo();
    expect((await put((await batch()).upload.href, Buffer.from(wrong))).status).toBe(422);
    expect((await commitIt()).status).toBe(400);
    expect(await readdir(join(root, "models/local/m/uploads"))).toEqual([]);
  });

  it("in parts are refused when a part is missing or wrong, and can be mended", async () => {
    app = createHub({ root, now: () => clock, multipart: { above: 100, partSize: 300 } });
    await createRepo();
    const { upload } = await batch(["basic", "multipart"]);
    const { chunk_size: size, ...links } = upload.header ?? {};
    expect([size, Object.keys(links).sort()]).toEqual(["300", ["00001", "00002", "00003"]]);
    const part = (number: number) => content.subarray((number - 1) * 300, number * 300);
    const finish = () => {
      const parts = [1, 2, 3].map((partNumber) => ({ partNumber, etag: "x" }));
      return app.request(upload.href, { method: "POST", body: JSON.stringify({ oid, parts }) });
    };
    expect((await finish()).status).toBe(422);
    expect((await put(links["00003"] ?? "", Buffer.from(part(3)))).headers.get("ETag")).toMatch(/^"\w+"$/);
    expect((await put(links["00001"] ?? "", Buffer.from(part(1)))).status).toBe(200);
    expect((await finish()).status).toBe(422);
    expect((await put(links["00002"] ?? "", Buffer.from(part(1)))).status).toBe(200);
    expect((await finish()).status).toBe(422);
    expect((await put(links["00002"] ?? "", Buffer.from(part(2)))).status).toBe(200);
    expect((await finish()).status).toBe(200);
    expect((await commitIt()).status).toBe(200);
    expect(await (await call("GET", "/local/m/resolve/main/w.bin")).text()).toBe(content.toString());
  });
});

describe("validate-yaml", () => {
  it.each([
    ["---\nlicense: mit\n---\n# T", []],
    ["# T", [{ message: "empty or missing yaml metadata in repo card" }]],
    ["---\na: &x 1\n---\n", [{ message: expect.stringContaining("cannot read") }]],
  ])("reads %j", async (content, warnings) => {
    const answer = await call("POST", "/api/validate-yaml", { content, repoType: "model" });
    expect([answer.status, await answer.json()]).toEqual([200, { errors: [], warnings }]);
  });
});

describe("pages", () => {
  it("show a person the card and the files, as text", async () => {
    await createRepo();
    await addFile("README.md", "# Model <script>alert(1)</script>");
    const page = await call("GET", "/local/m", undefined, {});
    const html = await page.text();
    expect(page.headers.get("Content-Type")).toContain("text/html");
    expect(html).toContain("# Model &lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain('href="/local/m/resolve/main/README.md"');
    expect(html).not.toContain("<script>");
    expect(await (await call("GET", "/", undefined, {})).text()).toContain('href="/local/m"');
  });

  it("lead from a commit's address to the files of that commit", async () => {
    await createRepo();
    const { commitUrl } = (await (await addFile("old.txt", "x")).json()) as { commitUrl: string };
    await call(
      "POST",
      "/api/models/local/m/commit/main",
      ndjson([{ key: "deletedFile", value: { path: "old.txt" } }]),
    );
    expect(await (await app.request(commitUrl)).text()).toContain("old.txt");
    expect(await (await call("GET", "/local/m")).text()).not.toContain("old.txt");
  });
});

describe("serveHub", () => {
  it("says when a port is taken, and what to do", async () => {
    await using first = await serveHub({ app });
    const second = serveHub({ app, port: first.port });
    await expect(second).rejects.toMatchObject({
      code: "hub/port_taken",
      mend: expect.stringContaining("another port"),
    });
  });

  it("closes, also twice", async () => {
    const server = await serveHub({ app });
    await Promise.all([server.close(), server.close()]);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  it("answers on loopback only to loopback names", async () => {
    await using server = await serveHub({ app });
    const statusFor = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const options = { host: "127.0.0.1", port: server.port, path: "/api/models", headers: { host } };
        request(options, (answer) => resolve(answer.resume().statusCode ?? 0))
          .on("error", reject)
          .end();
      });
    expect(await statusFor(`localhost:${server.port}`)).toBe(200);
    expect(await statusFor("evil.example:80")).toBe(403);
  });

  it("keeps its secret from other users of the machine", async () => {
    const { stat } = await import("node:fs/promises");
    expect(existsSync(join(root, "secret"))).toBe(true);
    expect((await stat(join(root, "secret"))).mode & 0o077).toBe(0);
  });
});
