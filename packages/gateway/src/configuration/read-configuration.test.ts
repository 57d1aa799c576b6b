import { describe, expect, it } from "vitest";
import { ConfigurationError } from "./configuration-error.ts";
import type { GatewayConfiguration } from "./gateway-configuration.ts";
import { keyDigest } from "./key-digest.ts";
import { readConfiguration } from "./read-configuration.ts";

const DIGEST = keyDigest("sk-of-a-test");

function read(text: string, variables: Record<string, string> = {}): GatewayConfiguration {
  return readConfiguration(text, { file: "gateway.yaml", variables, defaultEngines: ["recipes", "openai"] });
}

function problemsOf(text: string, variables: Record<string, string> = {}): readonly string[] {
  try {
    read(text, variables);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(
      ({ line, column, path, message, mend }) => `${line}:${column} ${path} ${message} | ${mend}`,
    );
  }
  return [];
}

describe("a configuration that is right", () => {
  it("may be empty: everything has its default", () => {
    for (const text of ["", "# nothing yet\n", "{}"]) {
      expect(read(text)).toMatchObject({ engines: null, models: {}, keys: [], listen: { port: null } });
    }
  });

  it("says who may ask for what, and who answers", () => {
    const configuration = read(
      `
listen: { host: 0.0.0.0, port: 8080 }
engines:
  vllm: { type: openai, baseUrl: "http://10.0.0.5:8000/v1", silenceSeconds: 60 }
  claude: { type: anthropic, apiKey: "\${CLAUDE_KEY}" }
models:
  fast: vllm/qwen3
  smart: [claude/claude-opus-5-5, vllm/qwen3]
  claude-*: claude/claude-*
workspaces:
  research:
    limits: { requestsPerMinute: 60, inputTokensPerMinute: 100_000 }
    modelLimits: { smart: { outputTokensPerMinute: 1000 } }
keys:
  - { key: "${DIGEST}", workspace: research, name: ci }
  - { key: "\${TEAM_KEY}", workspace: research }
cors: { origins: [https://chat.example.org] }
limits: { bodyMegabytes: 8 }
`,
      { CLAUDE_KEY: "sk-ant", TEAM_KEY: "sk-of-the-team" },
    );
    expect(configuration).toMatchObject({
      listen: { host: "0.0.0.0", port: 8080 },
      engines: { vllm: { baseUrl: "http://10.0.0.5:8000/v1" }, claude: { apiKey: "sk-ant" } },
      models: { fast: ["vllm/qwen3"], smart: ["claude/claude-opus-5-5", "vllm/qwen3"] },
      workspaces: {
        research: {
          limits: { requestsPerMinute: 60, inputTokensPerMinute: 100_000 },
          modelLimits: { smart: { outputTokensPerMinute: 1000 } },
        },
      },
      keys: [
        { digest: DIGEST, name: "ci" },
        { digest: keyDigest("sk-of-the-team"), name: keyDigest("sk-of-the-team").slice(7, 15) },
      ],
      limits: { bodyBytes: 8 * 1024 * 1024 },
    });
  });

  it("takes numbers and switches from the environment, and leaves `$${` alone", () => {
    const text = "listen:\n  port: $" + "{PORT}\nlog:\n  prompts: $" + "{PROMPTS}\n";
    expect(read(text, { PORT: "9000", PROMPTS: "true" })).toMatchObject({
      listen: { port: 9000 },
      log: { prompts: true },
    });
    expect(read("models: { a: 'openai/$$" + "{b}' }").models).toEqual({ a: ["openai/$" + "{b}"] });
  });

  it("takes the text after `:-` for a variable that is not set or empty", () => {
    const text = "listen:\n  host: $" + "{HOST:-127.0.0.1}\n";
    expect(read(text).listen.host).toBe("127.0.0.1");
    expect(read(text, { HOST: "" }).listen.host).toBe("127.0.0.1");
    expect(read(text, { HOST: "localhost" }).listen.host).toBe("localhost");
  });

  it("does not read a variable's value as YAML", () => {
    const text = "engines: { e: { type: openai, baseUrl: http://x/v1, apiKey: '$" + "{KEY}' } }";
    for (const KEY of ["12345", "null", "a:b", "{x}", "#z"]) {
      expect(read(text, { KEY }).engines?.e).toMatchObject({ apiKey: KEY });
    }
  });
});

describe("a configuration that is wrong", () => {
  it("shows every fault at once, each with its place, its cause and its mend", () => {
    const text = `listen:
  prot: 4141
  host: 0.0.0.0
engines:
  vllm:
    type: opnai
    baseUrl: 10.0.0.5:8000
  claude:
    type: anthropic
    apiKey: \${CLAUDE_KEY}
models:
  fast: vlm/qwen3
  other: [fast]
workspaces:
  research: { limits: { requestsPerMinute: many } }
`;
    expect(problemsOf(text)).toEqual([
      "2:3 listen.prot is not a known setting | Did you mean `port`? Known here: host, port, hubPort.",
      "3:9 listen.host is open to other machines (0.0.0.0), and there are no `keys` | Add `keys` (`ml-intern keys create` makes one), or listen on 127.0.0.1.",
      '6:11 engines.vllm.type cannot be "opnai" | Did you mean `openai`? Choose one of `anthropic`, `openai`, `llama`, `recipes`.',
      "10:13  the environment variable CLAUDE_KEY is not set | Set CLAUDE_KEY before the start, or take this setting out.",
      "12:9 models.fast names the engine `vlm`, which there is not | Did you mean `vllm/qwen3`? Models are named `vllm/<name>`, `claude/<name>`.",
      "13:11 models.other.0 cannot point to `fast`, which is an alias itself | Write what `fast` stands for. Models are named `vllm/<name>`, `claude/<name>`.",
      '15:44 workspaces.research.limits.requestsPerMinute should be a number, not "many" | Correct the value.',
    ]);
  });

  it("prints as lines that an editor can jump to", () => {
    expect(() => read("listen:\n  port: 70000\n")).toThrow(
      "gateway.yaml has one problem:\n  gateway.yaml:2:9  listen.port must be at most 65535, not 70000.\n      Choose a smaller number.",
    );
  });

  it.each([
    [
      "a missing setting, at the section that lacks it",
      "engines:\n  e:\n    type: openai\n",
      "2:3 engines.e.baseUrl is missing",
    ],
    ["a kind that is not there", "engines:\n  e: {}\n", "2:3 engines.e.type is missing"],
    [
      "a list where settings belong",
      "listen: [1]\n",
      "1:1 listen should be settings by name (`name: value`), not a list",
    ],
    ["the whole file as text", "hello\n", '1:1  should be settings by name (`name: value`), not "hello"'],
    ["a setting that stands there twice", "log: {}\nlog: {}\n", "2:1  this setting stands there twice"],
    ["brackets that nobody closes", "models:\n  a: [x/y\n", "3:1  this is not YAML"],
    ["an alias of no model", "models: { a: [] }\n", "1:11 models.a is empty"],
    ["a target without an engine", "models: { a: qwen3 }\n", '1:14 models.a names no engine: "qwen3"'],
    [
      "a star that nothing fills",
      "models: { a: openai/* }\n",
      "1:14 models.a ends in `*`, and the alias does not",
    ],
    [
      "a URL without its scheme",
      "engines: { e: { type: openai, baseUrl: localhost:80 } }\n",
      "1:40 engines.e.baseUrl is not an http(s) URL",
    ],
    [
      "the name of an engine that would break model names",
      "engines: { a/b: { type: recipes } }\n",
      "1:12 engines.a/b is not a name that can be used here",
    ],
    [
      "pages without keys",
      "cors: { origins: [https://x.example] }\n",
      "1:1 cors lets web pages in, and there are no `keys`",
    ],
    [
      "an origin with a path",
      `cors: { origins: [https://x.example/a] }\nworkspaces: { w: {} }\nkeys: [{ key: "${DIGEST}", workspace: w }]\n`,
      "1:19 cors.origins.0 is not an origin",
    ],
    [
      "a workspace that is not there",
      `workspaces: { research: {} }\nkeys: [{ key: "${DIGEST}", workspace: reserch }]\n`,
      "2:101 keys.0.workspace names the workspace `reserch`, which there is not | Did you mean `research`?",
    ],
    [
      "a key twice",
      `workspaces: { w: {} }\nkeys:\n  - { key: "${DIGEST}", workspace: w }\n  - { key: "${DIGEST}", workspace: w }\n`,
      "4:12 keys.1.key is the same key as that of keys.0",
    ],
    [
      "limits of a model that nobody can name",
      "models: { fast: recipes/default }\nworkspaces: { w: { modelLimits: { fsat: {} } } }\n",
      "2:35 workspaces.w.modelLimits.fsat is not a model that clients can name | Did you mean `fast`?",
    ],
  ])("shows %s", (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems[0]).toContain(expected);
    expect(problems).toHaveLength(1);
  });

  it("never quotes a secret, wherever it comes from", () => {
    const text = `engines:
  a: { type: anthropic, apiKey: "sk secret" }
  b: { type: openai, baseUrl: "\${SECRET_URL}", headers: { authorization: "Bearer sk secret" } }
  c: { type: openai, baseUrl: "http://x/v1", cacheSalt: short-secret }
workspaces: { w: {} }
keys: [{ key: sk-secret, workspace: w }, { key: { sk: secret }, workspace: w }]
shutdownSeconds: \${SECRET_NUMBER}
`;
    const problems = problemsOf(text, { SECRET_URL: "sk-secret", SECRET_NUMBER: "secret" });
    expect(problems.map((problem) => problem.split(" ")[1])).toEqual([
      "engines.a.apiKey",
      "engines.b.baseUrl",
      "engines.b.headers.authorization",
      "engines.c.cacheSalt",
      "keys.0.key",
      "keys.1.key",
      "shutdownSeconds",
    ]);
    expect(problems.join("\n")).not.toContain("secret");
    // The mend of a readable key is the digest to write instead.
    expect(problems.join("\n")).toContain(keyDigest("sk-secret"));
  });

  it("says when anchors and aliases lead nowhere or grow without end", () => {
    const bomb = [
      "a0: &a0 [x, x]",
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ];
    expect(problemsOf(bomb.join("\n"))).toEqual([expect.stringContaining("cannot be followed")]);
    expect(problemsOf("models: { a: *nobody }")).toEqual([expect.stringContaining("cannot be followed")]);
  });
});
