import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Fetch, publicFetch } from "../../http/fetch.ts";
import { type EmbeddedHub, embeddedHub } from "../../testing/embedded-hub.ts";
import { recordedFetch, recordings } from "../../testing/recorded-fetch.ts";
import type { Hub } from "../hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import { createHubRepo } from "../repositories/create-hub-repo.ts";
import { uploadHubFiles } from "../repositories/upload-hub-files.ts";
import { describeDataset } from "./describe-dataset.ts";
import { inspectHubDataset } from "./inspect-hub-dataset.ts";
import { readDatasetRows } from "./read-dataset-rows.ts";

const signal = new AbortController().signal;
const folder = recordings();
const service = folder === null ? "" : join(folder, "datasets-server");

let server: EmbeddedHub;
beforeEach(async () => {
  server = await embeddedHub({ orgs: ["stanfordnlp", "example", "ylecun", "allenai", "huggan"] });
});
afterEach(() => server[Symbol.asyncDispose]());

async function dataset(id: string, card = "license: mit"): Promise<HubRepo> {
  const repo = { kind: "dataset", id } as const;
  const hub = server.open();
  await createHubRepo(hub, { repo, isPublic: true, signal });
  const files = [{ path: "README.md", content: new Blob([`---\n${card}\n---\n# Card\n`]) }];
  await uploadHubFiles(hub, { repo, title: "Card", files, signal });
  return repo;
}

async function gate(repo: HubRepo, how: string): Promise<void> {
  await server.open().web.request({
    url: `${server.url}/api/datasets/${repo.id}/settings`,
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ gated: how }),
    signal,
  });
}

const oneSplit = { splits: [{ config: "default", split: "train" }], pending: [], failed: [] };
type Answers = Readonly<Record<string, string | object>>;

/** The embedded hub with a viewer beside it: recordings, the ones named for a verb or those that fit; else "not ready". */
function withViewer(answers: Answers = {}, change = (response: Response): Response => response): Hub {
  const own = publicFetch({ ownServers: [new URL(server.url).host] });
  const fetch: Fetch = async (url, init) => {
    if (url.startsWith(server.url)) return await own(url, init);
    const verb = new URL(url).pathname.slice(1);
    const answer = answers[verb] ?? answers["*"];
    if (typeof answer === "object") return Response.json(answer);
    if (answer !== undefined) return change(await recordedFetch([service], { file: answer })(url, init));
    return await recordedFetch([service])(url, init).catch(
      async () => await recordedFetch([service], { file: "error.not-ready.500.json" })(url, init),
    );
  };
  return { ...server.open({ fetch }), viewerUrl: "https://datasets-server.huggingface.co" };
}

describe.skipIf(folder === null)("a data set with a viewer", () => {
  it("is told as one document: access, tables, columns with figures, rows, files, what is not known", async () => {
    const repo = await dataset("stanfordnlp/imdb", "license: other");
    const facts = await inspectHubDataset(withViewer(), { repo, rows: 2, signal });
    expect(facts).toMatchObject({
      name: "stanfordnlp/imdb",
      version: expect.stringMatching(/^[0-9a-f]{40}$/),
      access: { licence: "other", gated: false, isPrivate: false },
      shown: { config: "plain_text", split: "train" },
      tables: [
        { config: "plain_text", split: "train", rows: 25000, bytes: 33435948 },
        { config: "plain_text", split: "test", rows: 25000 },
        { config: "plain_text", split: "unsupervised", rows: 50000 },
      ],
      columns: [
        { name: "text", type: "string", missing: 0, figures: { of: "lengths", min: 52, max: 13704 } },
        {
          name: "label",
          type: "ClassLabel",
          classes: ["neg", "pos"],
          top: [{ value: "neg", count: 12500 }, {}],
        },
      ],
      chat: null,
      forms: [{ method: "SFT", columns: ["text"] }],
    });
    expect(facts.rows).toHaveLength(2);
    expect(String(facts.rows[0]?.text).length).toBeLessThan(310);
    // The sizes were not there yet: said once, with what can be done.
    expect(facts.notes).toEqual([
      {
        severity: "warn",
        text: "The viewer has not got to stanfordnlp/imdb yet.",
        mend: expect.stringContaining("a minute"),
      },
    ]);
    const document = describeDataset(facts);
    for (const line of [
      "licence other",
      "- plain_text / train: 25,000 rows, 33.4 MB",
      "- label: ClassLabel; classes neg, pos; neg 12500×, pos 12500×",
      "lengths 52 to 13704, mean 1325.06964",
      "- plain_text/train/0000.parquet (21.0 MB)",
    ])
      expect(document).toContain(line);
    expect(document.length).toBeLessThan(4000);
  });

  it("of conversations says who speaks, whether tools are called, and what trains on it", async () => {
    const repo = await dataset("example/tool-chat");
    const facts = await inspectHubDataset(withViewer({ splits: oneSplit }), { repo, signal });
    expect(facts.chat).toEqual({
      column: "messages",
      form: "messages",
      conversations: 2,
      roles: { system: 1, user: 2, assistant: 3, tool: 1 },
      messages: { least: 2, most: 5 },
      withSystem: 1,
      withToolCalls: 1,
      endWithAssistant: 2,
      tools: "tools",
    });
    expect(facts.forms).toEqual([{ method: "SFT", columns: ["messages", "tools"], first: null }]);
    expect(facts.columns[0]?.type).toBe("list<{role: string, content: string}>");
  });

  it("of pictures names them without their addresses, and of a part says that it is one", async () => {
    const horses = await dataset("huggan/horse2zebra");
    const seen = await inspectHubDataset(withViewer({ splits: oneSplit, parquet: "parquet.partial.json" }), {
      repo: horses,
      signal,
    });
    expect(seen.rows[0]).toEqual({ imageA: "[image 256×256]", imageB: "[image 256×256]" });
    expect(JSON.stringify(seen.rows)).not.toContain("Signature");
    expect(seen.notes.map(({ text }) => text)).toContainEqual(expect.stringContaining("only the first part"));
  });

  it("that is partly in work and partly broken says which parts", async () => {
    const repo = await dataset("example/big");
    const { notes, tables } = await inspectHubDataset(withViewer(), { repo, signal });
    expect(tables).toEqual([{ config: "a", split: "train", rows: null, bytes: null }]);
    expect(notes.map(({ text }) => text)).toEqual(
      expect.arrayContaining(["The viewer has not got to: b.", "The viewer cannot read: c."]),
    );
  });

  it("has the configurations and splits that it has", async () => {
    const repo = await dataset("stanfordnlp/imdb");
    const ask = (more: object) => inspectHubDataset(withViewer(), { repo, ...more, signal });
    await expect(ask({ config: "small" })).rejects.toMatchObject({
      code: "web/not_found",
      mend: "It has plain_text.",
    });
    await expect(ask({ split: "validation" })).rejects.toMatchObject({
      mend: "It has train, test, unsupervised.",
    });
  });

  it.each([
    ["splits.dataset-error.500.json", "warn", /cannot read .*The dataset is empty/, /Download/],
    ["splits.too-many-configs.501.json", "warn", /maximum number of configs/, /Download/],
    ["info.blocked.501.json", "warn", /parquet conversion has been disabled/, /Download/],
    ["error.not-ready.500.json", "warn", /has not got to/, /a minute/],
    ["error.unexpected.500.json", "warn", /fault of its own/, /later/],
    ["error.unexpected-text.500.txt", "warn", /fault of its own/, /later/],
    ["error.not-found.404.json", "warn", /no data set stanfordnlp\/imdb, or this token/, /HF_TOKEN/],
    ["error.missing-parameter.422.json", "warn", /'dataset' is required/, /what the viewer says/],
  ] as const)(
    "where the viewer answers %s is told with that as a note",
    async (file, severity, text, mend) => {
      const repo = await dataset("stanfordnlp/imdb");
      const facts = await inspectHubDataset(withViewer({ "*": file }), { repo, signal });
      expect(facts.notes).toEqual([
        { severity, text: expect.stringMatching(text), mend: expect.stringMatching(mend) },
      ]);
      expect(facts.access?.licence).toBe("mit");
    },
  );

  it("where the viewer wants a pause, or something else stands in between, says that", async () => {
    const repo = await dataset("stanfordnlp/imdb");
    const later = (response: Response): Response => {
      response.headers.set("retry-after", "3600");
      return response;
    };
    const limited = await inspectHubDataset(withViewer({ "*": "rate-limit.429.html" }, later), {
      repo,
      signal,
    });
    expect(limited.notes).toEqual([
      {
        severity: "warn",
        text: expect.stringContaining("fewer requests"),
        mend: expect.stringMatching(/3600 s.*token/),
      },
    ]);
    const noWish = (response: Response): Response => {
      response.headers.delete("retry-after");
      return response;
    };
    const unsaid = await inspectHubDataset(withViewer({ "*": "rate-limit.429.html" }, noWish), {
      repo,
      signal,
    });
    expect(unsaid.notes[0]?.mend).toContain("in a while");
    // Half of a JSON, and a page: of each question.
    const half = await inspectHubDataset(withViewer({ "*": "first-rows.malformed.txt" }), { repo, signal });
    expect(half.notes.map(({ text }) => text)).toEqual(
      Array(3).fill(expect.stringContaining("no whole JSON")),
    );
    const page = (response: Response): Response => new Response(response.body, { status: 200 });
    const between = await inspectHubDataset(withViewer({ "*": "rate-limit.429.html" }, page), {
      repo,
      signal,
    });
    expect(new Set(between.notes.map(({ text }) => text.split(" ").slice(1).join(" ")))).toEqual(
      new Set(["answered with a page, not with JSON."]),
    );
  });

  it("that is gated says how one gets in, whatever the viewer calls it", async () => {
    const repo = await dataset("stanfordnlp/imdb");
    await gate(repo, "manual");
    const facts = await inspectHubDataset(withViewer({ "*": "error.gated.401.json" }), { repo, signal });
    expect(facts.notes).toEqual([
      {
        severity: "warn",
        text: "It is gated: its owner decides who gets access.",
        mend: expect.stringContaining(`${server.url}/datasets/stanfordnlp/imdb`),
      },
      {
        severity: "stop",
        text: "This token may not read it: it is gated.",
        mend: expect.stringContaining("HF_TOKEN"),
      },
    ]);
  });
});

it("a data set that is not there, or private, is an error and not an empty table", async () => {
  const hub = withViewer();
  const nothing = { kind: "dataset", id: "me/nothing" } as const;
  await expect(inspectHubDataset(hub, { repo: nothing, signal })).rejects.toMatchObject({
    code: "web/not_found",
    message: expect.stringContaining("no dataset me/nothing, or it is private"),
  });
  const repo = { kind: "dataset", id: "me/own" } as const;
  await createHubRepo(server.open(), { repo, signal });
  await expect(inspectHubDataset(server.open({ token: null }), { repo, signal })).rejects.toMatchObject({
    code: "web/not_found",
    mend: expect.stringContaining("HF_TOKEN"),
  });
});

it("a hub without a viewer gives the files, and what to do with them", async () => {
  const repo = await dataset("me/rows", "language: en");
  const empty = await inspectHubDataset(server.open(), { repo, signal });
  expect(empty.notes.map(({ severity }) => severity)).toEqual(["warn", "stop"]);
  const files = [{ path: "data/train.csv", content: new Blob(["a,b\n1,2\n"]) }];
  await uploadHubFiles(server.open(), { repo, title: "Rows", files, signal });
  // The newest state is asked for by an answer that is not kept.
  const facts = await inspectHubDataset(server.open(), { repo, signal });
  expect(facts.files).toEqual([
    {
      path: "data/train.csv",
      bytes: 8,
      url: expect.stringMatching(/me\/rows\/resolve\/[0-9a-f]{40}\/data\/train\.csv$/),
    },
  ]);
  expect(describeDataset(facts)).toContain(
    "- info: This hub has no viewer. Download its files and inspect the folder.",
  );
  await expect(
    readDatasetRows(server.open(), { repo, config: "default", split: "train", limit: 3, signal }),
  ).rejects.toMatchObject({ mend: expect.stringContaining("Download") });
});

describe.skipIf(folder === null)("rows of a data set", () => {
  const imdb = {
    repo: { kind: "dataset", id: "stanfordnlp/imdb" },
    config: "plain_text",
    split: "train",
    signal,
  } as const;

  it("are found by words, by a condition and by place", async () => {
    const found = await readDatasetRows(withViewer({ search: "search.ok.json" }), {
      ...imdb,
      find: { kind: "words", words: "dog" },
      limit: 3,
    });
    expect(found).toMatchObject({ total: 624, isPartial: false });
    expect(JSON.stringify(found.rows)).toMatch(/dog/i);
    const old = await readDatasetRows(withViewer({ filter: "filter.float-equality.json" }), {
      ...imdb,
      find: { kind: "where", condition: '"Age"=30' },
      limit: 2,
    });
    expect(old.rows.map(({ row }) => row.Age)).toEqual([30, 30]);
    const slice = await readDatasetRows(withViewer(), { ...imdb, offset: 234, limit: 3 });
    expect(slice.rows.map(({ index }) => index)).toEqual([234, 235, 236]);
    const none = await readDatasetRows(withViewer({ search: "search.empty.json" }), {
      ...imdb,
      find: { kind: "words", words: "zzzz" },
      limit: 3,
    });
    expect(none.rows).toEqual([]);
  });

  it.each([
    ["error.split-not-found.404.json", "web/not_found", /no plain_text, train/],
    ["rows.too-large-length.422.json", "web/refused", /length/],
    ["error.gated.401.json", "web/unauthorized", /private or gated/],
    ["error.not-ready.500.json", "web/server", /has not got to/],
  ] as const)("%s is %s", async (file, code, message) => {
    await expect(readDatasetRows(withViewer({ rows: file }), { ...imdb, limit: 3 })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      mend: expect.any(String),
    });
  });
});
