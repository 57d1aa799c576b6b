import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  commit,
  countCommits,
  createRepo,
  datasetInfo,
  deleteRepo,
  downloadFile,
  listFiles,
} from "@huggingface/hub";
import { createHub, type HubServer, serveHub } from "@ml-intern/hub";
import { nodeArguments } from "@ml-intern/testkit";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import type { HubTarget } from "../../publishing/hub-target.ts";
import { sessionPaths } from "../../session/session-store.ts";
import { exportTrace } from "../export-trace.ts";
import { openSessionRedactor } from "../session-redactor.ts";
import { addAgent, addRounds, exampleSession } from "../testing/example-session.ts";
import { coveredBy } from "./trace-parts.ts";
import { type UploadedTrace, type UploadTraceOptions, uploadTrace } from "./upload-trace.ts";

const PROCESS = new URL("../testing/share-process.ts", import.meta.url);
const NAME = "local/ml-intern-sessions";
const REPO = { type: "dataset", name: NAME } as const;

let home: string;
let server: HubServer;
let access: { hubUrl: string; accessToken: string };
let requests: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "share-test-"));
  server = await serveHub({ app: createHub({ root: join(home, "hub") }) });
  access = { hubUrl: server.url, accessToken: "hf_local" };
  requests = [];
});
afterEach(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

function hub(changes: Partial<HubTarget> = {}): HubTarget {
  const noting: typeof fetch = (input, init) => {
    requests.push(`${init?.method ?? "GET"} ${new URL(String(input)).pathname}`);
    return fetch(input, init);
  };
  return {
    kind: "local",
    url: server.url,
    token: "hf_local",
    fetch: noting,
    browseUrl: server.url,
    ...changes,
  };
}

async function share(session: string, changes: Partial<UploadTraceOptions> = {}): Promise<UploadedTrace> {
  const redactor = await openSessionRedactor({ home, session, env: {} });
  const signal = new AbortController().signal;
  return uploadTrace({
    home,
    session,
    hub: hub(),
    repo: null,
    redactor,
    allowPublic: false,
    signal,
    ...changes,
  });
}

async function partsOf(session: string, repo: { type: "dataset"; name: string } = REPO): Promise<string[]> {
  const paths: string[] = [];
  for await (const { path, type } of listFiles({ repo, ...access, recursive: true }))
    if (type === "file" && path.includes(session)) paths.push(path);
  return paths.sort();
}

/** What a stranger gets who joins the files of a session. */
async function joined(session: string): Promise<string> {
  const texts = (await partsOf(session)).map(async (path) =>
    (await downloadFile({ repo: REPO, path, ...access }))?.text(),
  );
  return (await Promise.all(texts)).join("");
}

async function exported(session: string): Promise<string> {
  const redactor = await openSessionRedactor({ home, session, env: {} });
  let text = "";
  for await (const line of exportTrace({ home, session, format: "claude-code", redactor })) text += line;
  return text;
}

describe("the first upload", () => {
  it("makes a private dataset with its card, and adds the trace under its day", async () => {
    const session = await exampleSession(home, 2);
    const { repo, files, lines, url } = await share(session);
    expect(repo).toBe(NAME);
    expect(files).toEqual([
      expect.stringMatching(new RegExp(`^sessions/\\d{4}-\\d\\d-\\d\\d/${session}/000001-000010.jsonl$`)),
    ]);
    expect(url).toContain(`/datasets/${NAME}/tree/main/sessions/`);
    expect(lines).toBe(5);
    expect((await datasetInfo({ name: NAME, ...access })).private).toBe(true);
    expect(await joined(session)).toBe(await exported(session));
    const card = await (await downloadFile({ repo: REPO, path: "README.md", ...access }))?.text();
    expect(card).toContain("sessions/**/*.jsonl");
  });

  it("goes to a repository of another name too", async () => {
    const session = await exampleSession(home, 1);
    expect((await share(session, { repo: "mine" })).repo).toBe("local/mine");
    expect((await share(session, { repo: "team/traces" })).repo).toBe("team/traces");
    expect(await partsOf(session, { type: "dataset", name: "team/traces" })).toHaveLength(1);
  });
});

describe("later uploads", () => {
  it("add only what is new, and joined they are the whole trace", async () => {
    const session = await exampleSession(home, 2);
    const first = await share(session);
    await addRounds({ home, session }, 3, 1);
    const second = await share(session);
    expect(second.lines).toBe(2);
    expect(second.bytes).toBeLessThan(first.bytes);
    expect((await partsOf(session)).map((path) => path.split("/").at(-1))).toEqual([
      "000001-000010.jsonl",
      "000011-000014.jsonl",
    ]);
    expect(await joined(session)).toBe(await exported(session));
  });

  it("have what agents did since, and hang on where the last one ended", async () => {
    const session = await exampleSession(home, 1);
    await addAgent({ home, session }, "toolu_1", "side");
    await share(session);
    await addRounds({ home, session }, 2, 1);
    await addAgent({ home, session }, "toolu_2", "side");
    await share(session);
    const lines = (await joined(session)).split("\n").slice(0, -1);
    expect(lines.filter((line) => line.includes('"isSidechain":true'))).toHaveLength(6);
    expect(await joined(session)).toBe(await exported(session));
  });

  it("add nothing when nothing is new", async () => {
    const session = await exampleSession(home, 1);
    await share(session);
    const commits = await countCommits({ repo: REPO, ...access });
    expect(await share(session)).toMatchObject({ files: [], lines: 0, bytes: 0 });
    expect(await countCommits({ repo: REPO, ...access })).toBe(commits);
  });

  it("cost the same number of requests and the same bytes, however long the session is", async () => {
    const session = await exampleSession(home, 1);
    await share(session);
    const costs = [];
    for (let round = 2; round <= 22; round++) {
      await addRounds({ home, session }, round, 1);
      requests = [];
      const { bytes } = await share(session);
      costs.push({ requests: requests.length, bytes: Math.round(bytes / 100) });
    }
    expect(new Set(costs.map(({ requests }) => requests)).size).toBe(1);
    expect(new Set(costs.map(({ bytes }) => bytes)).size).toBe(1);
    expect(await joined(session)).toBe(await exported(session));
  });

  it("leave the card to the person", async () => {
    const session = await exampleSession(home, 1);
    await share(session);
    const content = new Blob(["# Mine"]);
    await commit({
      repo: REPO,
      ...access,
      title: "mine",
      operations: [{ operation: "addOrUpdate", path: "README.md", content }],
    });
    await addRounds({ home, session }, 2, 1);
    await share(session);
    expect(await (await downloadFile({ repo: REPO, path: "README.md", ...access }))?.text()).toBe("# Mine");
  });
});

describe("the state beside the session", () => {
  it.each([
    ["lost", (path: string) => rm(path)],
    ["damaged", (path: string) => writeFile(path, '{"version":1,"tar')],
    ["of another version", (path: string) => writeFile(path, '{"version":9,"targets":{}}')],
  ])("may be %s: the repository knows what it holds", async (_name, harm) => {
    const session = await exampleSession(home, 2);
    await share(session);
    await harm(join(sessionPaths(home, session).directory, "share.json"));
    await addRounds({ home, session }, 3, 2);
    await share(session);
    expect(await joined(session)).toBe(await exported(session));
  });

  it("may say more than the repository holds: all is sent again", async () => {
    const session = await exampleSession(home, 2);
    await share(session);
    await deleteRepo({ repo: REPO, ...access });
    await share(session);
    expect(await joined(session)).toBe(await exported(session));
  });

  it("holds no token", async () => {
    const session = await exampleSession(home, 1);
    await share(session);
    expect(await readFile(join(sessionPaths(home, session).directory, "share.json"), "utf8")).not.toContain(
      "hf_local",
    );
  });
});

describe("killed on the way", () => {
  let running: ChildProcess | null = null;
  afterEach(() => void running?.kill("SIGKILL"));

  async function shareInProcess(
    session: string,
    when: string,
    request: number,
  ): Promise<NodeJS.Signals | null> {
    running = spawn(
      process.execPath,
      [...nodeArguments(PROCESS), home, session, server.url, when, String(request)],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    const [code, signal] = (await once(running, "exit")) as [number | null, NodeJS.Signals | null];
    if (code !== 0 && signal === null) throw new Error(`the process ended with ${code}`);
    return signal;
  }

  it.each(["before", "during", "after"])(
    "%s each request, no line is lost and none is doubled",
    async (when) => {
      const session = await exampleSession(home, 1);
      let kills = 0;
      for (let request = 1; request < 20; request++) {
        await addRounds({ home, session }, request + 1, 1);
        const signal = await shareInProcess(session, when, request);
        // What is there is a beginning of the trace, whenever one looks.
        if (kills > 4) expect((await exported(session)).startsWith(await joined(session))).toBe(true);
        if (signal === null) break;
        kills++;
      }
      expect(kills).toBeGreaterThan(4);
      await share(session);
      expect(await joined(session)).toBe(await exported(session));
    },
  );
});

describe("others", () => {
  it("who commit to the repository meanwhile cost one more try", async () => {
    const session = await exampleSession(home, 1);
    await share(session);
    await addRounds({ home, session }, 2, 1);
    let meddled = false;
    const meddling: typeof fetch = async (input, init) => {
      if (!meddled && String(input).includes("/preupload/")) {
        meddled = true;
        const operations = [{ operation: "addOrUpdate" as const, path: "x", content: new Blob(["x"]) }];
        await commit({ repo: REPO, ...access, title: "x", operations });
      }
      return fetch(input, init);
    };
    await share(session, { hub: hub({ fetch: meddling }) });
    expect(meddled).toBe(true);
    expect(await joined(session)).toBe(await exported(session));
  });

  it("who share the same session are told apart by its lock", async () => {
    const session = await exampleSession(home, 3);
    const results = await Promise.allSettled([share(session), share(session)]);
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({ code: "session/busy" });
    expect(await joined(session)).toBe(await exported(session));
  });
});

describe("refusals name cause and mend", () => {
  it("of a public repository, unless it is asked for", async () => {
    await createRepo({ repo: REPO, ...access, visibility: "public" });
    const session = await exampleSession(home, 1);
    await expect(share(session)).rejects.toMatchObject({
      code: "share/refused",
      message: expect.stringContaining("public"),
      mend: expect.stringContaining("--public"),
    });
    expect(await partsOf(session)).toEqual([]);
    await share(session, { allowPublic: true });
    expect(await joined(session)).toBe(await exported(session));
  });

  it.each(["hf_wrong", "wrong"])("of the token %s, which is not said", async (token) => {
    const root = join(home, "strict");
    await using strict = await serveHub({ app: createHub({ root, tokens: { hf_right: { user: "ann" } } }) });
    const session = await exampleSession(home, 1);
    const refused = share(session, { hub: hub({ url: strict.url, token }) });
    await expect(refused).rejects.toMatchObject({
      code: "share/failed",
      mend: expect.stringContaining("HF_TOKEN"),
      message: expect.not.stringContaining(token),
    });
  });

  it("of a hub that is not there", async () => {
    const session = await exampleSession(home, 1);
    await expect(share(session, { hub: hub({ url: "http://127.0.0.1:9" }) })).rejects.toMatchObject({
      code: "share/failed",
      mend: expect.stringContaining("goes on where it stopped"),
    });
  });
});

test("files cover the log as far as they follow one another", () => {
  expect(coveredBy([])).toBe(0);
  expect(coveredBy(["s/000001-000010.jsonl", "s/000011-000014.jsonl", "s/README.md"])).toBe(14);
  expect(coveredBy(["s/000011-000014.jsonl", "s/000001-000009.jsonl"])).toBe(9);
});
