import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_WEB } from "../reading/web-settings.ts";
import { type InternConfiguration, readInternConfiguration } from "./intern-configuration.ts";
import { loadInternConfiguration } from "./load-configuration.ts";

const home = (): Promise<string> => mkdtemp(join(tmpdir(), "intern-home-"));

function read(text: string, variables: Record<string, string> = {}): InternConfiguration {
  return readInternConfiguration(text, { file: "intern.yaml", variables });
}

function faultsOf(text: string, variables: Record<string, string> = {}): string {
  try {
    read(text, variables);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("where it lies", () => {
  it("is nowhere: everything has its default", async () => {
    const nothing = {
      approvals: {},
      budget: {},
      mcp: { servers: [] },
      notifications: { channels: [] },
      web: DEFAULT_WEB,
    };
    expect(await loadInternConfiguration({ home: await home(), env: {} })).toEqual(nothing);
    expect(read("")).toEqual(nothing);
    expect(read("mcp: {}\nnotifications: {}\n")).toEqual(nothing);
  });

  it("is intern.yaml in the home, or the file that ML_INTERN_CONFIG names", async () => {
    const folder = await home();
    await writeFile(join(folder, "intern.yaml"), "mcp: { servers: { a: { command: a } } }");
    await writeFile(join(folder, "other.yaml"), "mcp: { servers: { b: { command: b } } }");
    const serversOf = async (env: Record<string, string>): Promise<readonly string[]> =>
      (await loadInternConfiguration({ home: folder, env })).mcp.servers.map(({ name }) => name);
    expect(await serversOf({})).toEqual(["a"]);
    expect(await serversOf({ ML_INTERN_CONFIG: join(folder, "other.yaml") })).toEqual(["b"]);
    await expect(serversOf({ ML_INTERN_CONFIG: join(folder, "gone.yaml") })).rejects.toMatchObject({
      code: "configuration/unreadable",
      mend: expect.stringContaining("ML_INTERN_CONFIG"),
    });
  });
});

it("is as the documentation shows it", async () => {
  const page = await readFile(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const configuration = read(example, {
    TRACKER_TOKEN: "of-the-tracker",
    HOOK_SECRET: "0123456789abcdef0123456789abcdef",
    SLACK_WEBHOOK_URL: "https://hooks.slack.test/services/x",
  });
  expect(configuration.mcp.servers).toEqual([
    {
      kind: "stdio",
      name: "files",
      command: "npx",
      args: ["-y", "@modelcontextprotocol/server-filesystem", "/data/papers"],
      env: { LOG_LEVEL: "warn" },
      cwd: "/data",
      tools: ["read_text_file", "search_files"],
      trusted: true,
      startMs: 60_000,
      callMs: 120_000,
    },
    {
      kind: "http",
      name: "tracker",
      url: "https://mcp.example.org/mcp",
      headers: { authorization: "Bearer of-the-tracker" },
      tools: null,
      trusted: false,
      startMs: 30_000,
      callMs: 300_000,
    },
  ]);
  expect(configuration.notifications.channels.map(({ type, on }) => [type, on.length])).toEqual([
    ["webhook", 3],
    ["slack", 5],
    ["desktop", 5],
  ]);
});

it.each(["approvals", "budget", "mcp"])("has the section %s as its own page shows it", async (section) => {
  const page = await readFile(new URL(`../../../../docs/${section}.md`, import.meta.url), "utf8");
  const [, example = ""] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  expect(example).toContain(`${section}:\n`);
  expect(Object.keys(read(example)[section as "mcp"])).not.toEqual([]);
});

describe("what is wrong", () => {
  it("is shown all at once, with line, cause and mend", () => {
    const faults = faultsOf(`
mcp:
  servers:
    a__b: { command: x }
    both: { command: x, url: "http://x.test" }
    none: { trusted: maybe }
    mixed: { url: "http://x.test", args: [a] }
    typo: { command: x, arg: [a] }
notifications:
  channels:
    - { type: slack, url: "\${SLACK_WEBHOOK_URL}" }
    - { type: pager }
    - { type: desktop, on: [best, bets] }
approval: {}
`);
    for (const fault of [
      "intern.yaml:4:5  mcp.servers.a__b is not a name that can be used here.\n      Use letters and digits",
      "intern.yaml:5:25  mcp.servers.both.url stands beside a `command`.",
      "intern.yaml:6:22  mcp.servers.none.trusted should be true or false",
      "intern.yaml:7:36  mcp.servers.mixed.args belongs to servers with a `command`.",
      "mcp.servers.typo.arg is not a known setting.\n      Did you mean `args`?",
      "intern.yaml:11:27  the environment variable SLACK_WEBHOOK_URL is not set.",
      'notifications.channels.1.type cannot be "pager".',
      'notifications.channels.2.on.1 cannot be "bets".\n      Did you mean `best`?',
      "intern.yaml:14:1  approval is not a known setting.",
    ])
      expect(faults).toContain(fault);
  });

  it("never shows a secret", () => {
    const faults = faultsOf(
      `
mcp:
  servers:
    a: { command: x, env: { KEY: [secret-one] } }
    b: { url: "secret-two" }
    c: { url: "http://x.test", headers: { a: "secret-three\\n" } }
notifications:
  channels:
    - { type: webhook, url: "\${URL}", secret: secret-five }
`,
      { URL: "secret-four" },
    );
    expect(faults).toContain("5 problems");
    expect(faults).not.toMatch(/secret-/);
  });
});
