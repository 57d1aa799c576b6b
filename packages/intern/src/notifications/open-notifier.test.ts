import { createHmac } from "node:crypto";
import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createDesktopChannel } from "./desktop-channel.ts";
import { NOTICE_KINDS } from "./notice.ts";
import type { ChannelSettings, WebhookSettings } from "./notification-settings.ts";
import { type Notifier, type NotifierProblem, openNotifier, tryChannels } from "./open-notifier.ts";
import { escapeMarkdown } from "./slack-channel.ts";
import { exampleNotice } from "./testing/example-notice.ts";
import { startReceiver } from "./testing/receiver.ts";

const ALL = [...NOTICE_KINDS];
const SECRET = "0123456789abcdef0123456789abcdef";

function webhook(url: string, more: Partial<WebhookSettings> = {}): WebhookSettings {
  return { type: "webhook", url, secret: null, headers: {}, on: ALL, ...more };
}

function open(
  channels: readonly ChannelSettings[],
  { drainMs = 4000, pausesMs = [10, 20, 40] } = {},
): { notifier: Notifier; problems: NotifierProblem[] } {
  const problems: NotifierProblem[] = [];
  const onProblem = (problem: NotifierProblem): void => void problems.push(problem);
  return {
    notifier: openNotifier({ channels }, { env: process.env, onProblem, drainMs, pausesMs }),
    problems,
  };
}

describe("a webhook", () => {
  it("gets the notice as JSON, signed, with the headers of the configuration", async () => {
    await using receiver = await startReceiver();
    const { notifier, problems } = open([
      webhook(receiver.url, { secret: SECRET, headers: { authorization: "Bearer of-the-hook" } }),
    ]);
    notifier.notify(exampleNotice());
    await notifier[Symbol.asyncDispose]();
    expect(problems).toEqual([]);
    const [{ headers, text }] = receiver.received as [(typeof receiver.received)[0]];
    expect(JSON.parse(text)).toEqual(exampleNotice());
    expect(headers).toMatchObject({
      "content-type": "application/json",
      authorization: "Bearer of-the-hook",
    });
    const [, seconds, digest] =
      /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["ml-intern-signature"])) ?? [];
    expect(digest).toBe(createHmac("sha256", SECRET).update(`${seconds}.${text}`).digest("hex"));
    expect(Math.abs(Number(seconds) - Date.now() / 1000)).toBeLessThan(60);
  });

  it("gets what it wants, in order, each once", async () => {
    await using receiver = await startReceiver();
    const { notifier } = open([webhook(receiver.url, { on: ["best", "failed"] })]);
    for (const id of ["a", "a", "b"]) notifier.notify(exampleNotice({ id }));
    notifier.notify(exampleNotice({ id: "c", kind: "budget" }));
    notifier.notify(exampleNotice({ id: "d", kind: "failed" }));
    await notifier[Symbol.asyncDispose]();
    expect(receiver.received.map(({ text }) => (JSON.parse(text) as { id: string }).id)).toEqual([
      "a",
      "b",
      "d",
    ]);
  });

  it("is tried again when it was out for a while", async () => {
    await using receiver = await startReceiver((response, index) => {
      if (index === 0) response.destroy();
      else response.writeHead(index < 3 ? 503 : 200).end();
    });
    const { notifier, problems } = open([webhook(receiver.url)]);
    notifier.notify(exampleNotice());
    await notifier[Symbol.asyncDispose]();
    expect(receiver.received).toHaveLength(4);
    expect(problems).toEqual([]);
  });

  it("that refuses is not tried again, and is a problem once", async () => {
    await using receiver = await startReceiver((response) => void response.writeHead(404).end());
    const { notifier, problems } = open([webhook(receiver.url)]);
    notifier.notify(exampleNotice({ id: "a" }));
    notifier.notify(exampleNotice({ id: "b" }));
    await notifier[Symbol.asyncDispose]();
    expect(receiver.received).toHaveLength(2);
    const host = new URL(receiver.url).host;
    expect(problems).toEqual([
      {
        channel: `webhook ${host}`,
        message: `Notices do not arrive on webhook ${host}: it answered 404.`,
        mend: expect.stringContaining("`url`"),
      },
    ]);
    expect(JSON.stringify(problems)).not.toContain("of-the-team");
  });

  it("does not send the notice elsewhere", async () => {
    await using elsewhere = await startReceiver();
    await using receiver = await startReceiver((response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    const { notifier, problems } = open([webhook(receiver.url)]);
    notifier.notify(exampleNotice());
    await notifier[Symbol.asyncDispose]();
    expect(elsewhere.received).toEqual([]);
    expect(problems[0]?.message).toContain("it answered 307");
  });

  it("that never answers holds up neither the work nor, for long, the end", async () => {
    await using receiver = await startReceiver(() => undefined);
    const { notifier, problems } = open([webhook(receiver.url)], { drainMs: 200 });
    const begun = performance.now();
    notifier.notify(exampleNotice());
    expect(performance.now() - begun).toBeLessThan(50);
    await receiver.count(1);
    await notifier[Symbol.asyncDispose]();
    expect(performance.now() - begun).toBeLessThan(3000);
    expect(problems[0]?.message).toContain("it did not answer before the end");
  });
});

describe("Slack", () => {
  it("gets plain text, and beside it the same with its marks escaped", async () => {
    await using receiver = await startReceiver();
    const { notifier } = open([{ type: "slack", url: receiver.url, on: ALL }]);
    notifier.notify(exampleNotice({ text: "<!channel> *see* a & b" }));
    await notifier[Symbol.asyncDispose]();
    const plain = "ml-intern: a new verified best\n<!channel> *see* a & b\nsession s1";
    expect(JSON.parse(receiver.received[0]?.text ?? "")).toEqual({
      text: escapeMarkdown(plain),
      blocks: [{ type: "section", text: { type: "plain_text", text: plain, emoji: false } }],
    });
    expect(escapeMarkdown("<!channel> *see* a & b")).toBe(
      "&lt;!channel&gt; \u200b*\u200bsee\u200b*\u200b a &amp; b",
    );
  });
});

describe("the desktop", () => {
  it("shows a notice by the program of the system, which sees none of our keys", async () => {
    const folder = await mkdtemp(join(tmpdir(), "notify-"));
    const script = `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } > ${folder}/shown\n`;
    await writeFile(join(folder, "notify-send"), script);
    await chmod(join(folder, "notify-send"), 0o755);
    const env = { PATH: `${folder}:${process.env.PATH}`, DISPLAY: ":0", HF_TOKEN: "hf_of_ours" };
    const channel = createDesktopChannel({ env, platform: "linux" });
    await channel.send(exampleNotice({ text: "--help <b>a & b</b>" }), new AbortController().signal);
    const shown = await readFile(join(folder, "shown"), "utf8");
    expect(shown.split("\n").slice(0, 4)).toEqual([
      "--app-name=ml-intern",
      "--",
      "ml-intern: a new verified best",
      "--help &lt;b&gt;a &amp; b&lt;/b&gt;",
    ]);
    expect(shown).toContain("DISPLAY=:0");
    expect(shown).not.toContain("of_ours");
  });

  it("without such a program is a problem, once, and the other channels go on", async () => {
    await using receiver = await startReceiver();
    const problems: NotifierProblem[] = [];
    const channels: ChannelSettings[] = [{ type: "desktop", on: ALL }, webhook(receiver.url)];
    const notifier = openNotifier(
      { channels },
      { env: { PATH: "/nowhere" }, onProblem: (problem) => void problems.push(problem), pausesMs: [1] },
    );
    for (const id of ["a", "b"]) notifier.notify(exampleNotice({ id }));
    await notifier[Symbol.asyncDispose]();
    expect(receiver.received).toHaveLength(2);
    expect(problems).toMatchObject([
      { channel: "desktop", message: expect.stringContaining("there is no notify-send") },
    ]);
  });
});

it("a test goes to every channel, whatever it wants, and says what happened to each", async () => {
  await using good = await startReceiver();
  await using bad = await startReceiver((response) => void response.writeHead(500).end());
  const channels = [webhook(good.url, { on: ["failed"] }), webhook(bad.url)];
  const signal = new AbortController().signal;
  const tried = await tryChannels({ channels }, { notice: exampleNotice(), env: {}, signal });
  expect(tried).toMatchObject([
    { problem: null },
    { problem: { message: expect.stringContaining("it answered 500") } },
  ]);
  expect([good.received.length, bad.received.length]).toEqual([1, 1]);
});
