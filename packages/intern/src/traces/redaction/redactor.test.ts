import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { createRedactor, type Redactor } from "./redactor.ts";
import { OTHER_SECRETS, PROVIDER_KEYS, seeded } from "./testing/made-secrets.ts";
import { measureRedaction } from "./testing/measure-redaction.ts";
import { secretCorpus } from "./testing/secret-corpus.ts";

const random = seeded(7);
const key = PROVIDER_KEYS.hf_token!(random);
const other = PROVIDER_KEYS.hf_token!(random);

function redactor(
  options: { env?: Record<string, string>; home?: string; labelKey?: string } = {},
): Redactor {
  const { env = {}, home = null, labelKey = "session" } = options;
  return createRedactor({ env, homeDirectory: home, labelKey });
}

describe("the corpus", () => {
  it.each([1, 2, 3])("loses every planted secret and no look-alike, seed %i", (seed) => {
    const figures = measureRedaction(secretCorpus(seed));
    expect(figures.misses).toEqual([]);
    expect(figures.secrets).toBeGreaterThan(300);
    expect(figures.cleanTexts).toBeGreaterThan(300);
  });

  it("is the same for the same seed and another for another one", () => {
    expect(secretCorpus(4)).toEqual(secretCorpus(4));
    expect(secretCorpus(4)).not.toEqual(secretCorpus(5));
  });
});

describe("labels", () => {
  it("are typed, and the same for the same secret only", () => {
    const labels = redactor()
      .text(`${key} ${other} ${key}`)
      .match(/\[redacted hf_token [0-9a-f]{4}\]/g)!;
    expect(labels).toHaveLength(3);
    expect(labels[0]).toBe(labels[2]);
    expect(labels[0]).not.toBe(labels[1]);
  });

  it("differ from one session to the next, so that they cannot be compared with guesses", () => {
    expect(redactor({ labelKey: "a" }).text(key)).not.toBe(redactor({ labelKey: "b" }).text(key));
  });

  it("are counted by kind", () => {
    const counting = redactor();
    counting.value({ a: key, password: OTHER_SECRETS.password!(random), b: [key] });
    expect([...counting.counts]).toEqual([
      ["hf_token", 2],
      ["password", 1],
    ]);
  });
});

describe("a JSON value", () => {
  it("keeps its shape, and what is no text", () => {
    const value = {
      n: 1,
      yes: true,
      none: null,
      list: [1, ["x"]],
      max_tokens: 4096,
      deep: { t: `a ${key}` },
    };
    const result = redactor().value(value);
    expect({ ...result, deep: null }).toEqual({ ...value, deep: null });
    expect(result.deep.t).toMatch(/^a \[redacted hf_token [0-9a-f]{4}\]$/);
  });

  it("within a text stays JSON", () => {
    const inner = JSON.stringify({ HF_TOKEN: key, password: 'aB3!xyz"q', n: [1] });
    const result = redactor().value({ content: inner });
    expect(JSON.parse(result.content)).toMatchObject({
      HF_TOKEN: expect.stringMatching(/^\[redacted/),
      n: [1],
    });
    expect(result.content).not.toContain("aB3!xyz");
  });

  it("is redacted in its names too", () => {
    expect(JSON.stringify(redactor().value({ [key]: 1 }))).not.toContain(key);
  });

  it("is told by the name of a variable beside its value", () => {
    const value = { name: "DB_PASSWORD", value: "letmein99" };
    expect(redactor().value(value).value).toMatch(/^\[redacted password/);
    expect(redactor().value({ name: "EPOCHS", value: "letmein99" }).value).toBe("letmein99");
  });
});

it("redacts what it has redacted no second time", () => {
  const once = redactor().text(
    secretCorpus(1)
      .planted.map(({ text }) => text)
      .join("\n"),
  );
  expect(redactor().text(once)).toBe(once);
});

describe("this machine's own secrets", () => {
  const own = "correct.horse/battery+staple";
  const machine = redactor({ env: { ANN_API_KEY: own, EPOCHS: "12345678901", KEY_PATH: "/run/key-file" } });
  it.each([
    ["as they are", own],
    ["in base64", Buffer.from(own).toString("base64")],
    ["in base64 for URLs", Buffer.from(own).toString("base64url")],
    [
      "within a longer base64, at each offset",
      ["", "a", "ab"].map((p) => Buffer.from(`${p}${own}--`).toString("base64")).join(" "),
    ],
    ["URL-encoded", encodeURIComponent(own)],
    ["in hexadecimal digits", Buffer.from(own).toString("hex")],
  ])("are found %s", (_name, text) => {
    const result = machine.text(`before ${text} after`);
    expect(result).toMatch(/^before .*\[redacted ann_api_key [0-9a-f]{4}\].* after$/);
    expect(result.replace(/\[redacted [^\]]*\]/g, "").length).toBeLessThan("before  after".length + 30);
  });

  it("are only those that a name calls secret", () => {
    expect(machine.text("12345678901 /run/key-file")).toBe("12345678901 /run/key-file");
  });
});

test("the home directory becomes ~, and only it", () => {
  const homely = redactor({ home: "/home/ann" });
  expect(homely.text("/home/ann/x '/home/ann' file:///home/ann/y")).toBe("~/x '~' file://~/y");
  expect(homely.text("/home/anna /mnt/home/ann /home/ann.bak")).toBe(
    "/home/anna /mnt/home/ann /home/ann.bak",
  );
});

test.each([
  "a",
  "-eyJ",
  "eyJ",
  'token="',
  "secret ",
  "://a:",
  "-----BEGIN PRIVATE KEY-----",
  "\\",
  "&key=",
  "curl ",
])("time grows with the length of %j, not with its square", (text) => {
  const milliseconds = (length: number): number => {
    const line = text.repeat(length / text.length);
    const started = performance.now();
    redactor().text(line);
    return performance.now() - started;
  };
  milliseconds(100_000);
  const short = Math.min(milliseconds(250_000), milliseconds(250_000));
  // Sixteen times the text: a square would be 256 times the time. What the machine does besides stays below it.
  expect(milliseconds(4_000_000)).toBeLessThan(80 * (short + 2));
});

const DOCUMENTATION = "../shared/fixtures/docs-corpus";

test("real documentation of ML libraries stays as it is", ({ skip }) => {
  if (!existsSync(DOCUMENTATION)) skip(`no documentation in ${DOCUMENTATION}`);
  const files = readdirSync(DOCUMENTATION, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const damaged = files.flatMap(({ parentPath, name }) => {
    const text = readFileSync(join(parentPath, name), "utf8");
    return redactor().text(text) === text ? [] : [name];
  });
  expect(files.length).toBeGreaterThan(100);
  expect(damaged).toEqual([]);
});
