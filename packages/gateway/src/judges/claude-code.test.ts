import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Chain, startChain } from "./chain.ts";
import {
  type ClaudeCodeOptions,
  type ClaudeCodeOutcome,
  claudeCodeProgram,
  startClaudeCode,
} from "./claude-code-judge.ts";
import { installedFromNpm } from "./installed.ts";
import type { ModelAnswer } from "./model-answer.ts";

const PACKAGE = "@anthropic-ai/claude-code@2.1.330";
const installed = await installedFromNpm(PACKAGE);
const program = "missing" in installed ? null : await claudeCodeProgram(installed);
if ("missing" in installed)
  console.warn(`SKIPPED: the server was not tried with ${PACKAGE}: ${installed.missing}`);

const TOOLS = ["Write", "Read", "Bash(ls:*)"];

/** Two steps of an agent, the second with two calls. */
function twoSteps(folder: string): readonly ModelAnswer[] {
  const path = join(folder, "a.txt");
  return [
    {
      thinking: "A file first.",
      text: "I write.",
      toolCalls: [{ id: "toolu_write", name: "Write", input: { file_path: path, content: "Hello 🌍\n" } }],
    },
    {
      text: "I look.",
      toolCalls: [
        { id: "toolu_read", name: "Read", input: { file_path: path } },
        { id: "toolu_list", name: "Bash", input: { command: "ls", description: "List" } },
      ],
    },
    { text: "All done." },
  ];
}

describe.skipIf(program === null)("Claude Code's CLI", () => {
  const start = (options: ClaudeCodeOptions): ReturnType<typeof startClaudeCode> =>
    startClaudeCode(program ?? "", options);

  async function run(chain: Chain, options: Partial<ClaudeCodeOptions> = {}): Promise<ClaudeCodeOutcome> {
    await using claude = await start({ target: chain, prompt: "Go.", ...options });
    return await claude.finished();
  }

  it.each(["chat", "relay"] as const)("works in a folder, over the engine for %s", async (kind) => {
    let folder = "";
    await using chain = await startChain(kind, (index) => twoSteps(folder)[index] ?? { text: "?" });
    await using claude = await start({ target: chain, prompt: "Go.", allowedTools: TOOLS });
    folder = claude.folder;
    const { exitCode, lines, result } = await claude.finished();
    expect({ exitCode, result }).toMatchObject({
      exitCode: 0,
      result: { subtype: "success", is_error: false, result: "All done.", stop_reason: "end_turn" },
    });
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("Hello 🌍\n");
    expect(toolResults(lines)).toEqual([
      expect.stringContaining("created successfully"),
      expect.stringContaining("Hello 🌍"),
      "a.txt",
    ]);
    expect(chain.log.map(({ status }) => status)).toEqual([200, 200, 200]);
    const last = JSON.stringify(chain.upstream[2]?.body.messages);
    expect(last).toContain("Hello 🌍");
    // It names the program's version, and is for the API's own accounting.
    if (kind === "chat")
      expect(JSON.stringify(chain.upstream[0]?.body)).not.toContain("x-anthropic-billing-header");
    else expect(last).toContain('{"type":"thinking","thinking":"A file first.","signature":"scripted"}');
  });

  it("sends what this server has to understand", async () => {
    await using chain = await startChain("relay", [{ text: "Hello." }]);
    await run(chain, { env: { CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING: "1" } });
    const [request] = chain.upstream;
    expect(chain.log[0]).toMatchObject({ path: "/v1/messages", model: "relay/scripted" });
    expect(request?.headers["anthropic-beta"]).toMatch(/^claude-code-\d+,/);
    expect(request?.body).toMatchObject({
      thinking: { type: "adaptive" },
      context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
      output_config: {},
      metadata: {},
    });
    const messages = request?.body.messages as readonly { readonly role: string }[];
    expect(messages.map(({ role }) => role)).toEqual(["user", "system"]);
    const eager = ((request?.body.tools ?? []) as readonly object[]).filter(
      (tool) => "eager_input_streaming" in tool,
    );
    expect(eager.length).toBeGreaterThan(5);
  });

  it("runs a tool whose arguments are streamed as they are written", async () => {
    let folder = "";
    await using chain = await startChain("chat", (index) => twoSteps(folder)[index] ?? { text: "?" });
    await using claude = await start({
      target: chain,
      prompt: "Go.",
      allowedTools: TOOLS,
      env: { CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING: "1" },
    });
    folder = claude.folder;
    expect((await claude.finished()).result).toMatchObject({ subtype: "success", result: "All done." });
    expect(await readFile(join(folder, "a.txt"), "utf8")).toBe("Hello 🌍\n");
  });

  it("waits as long as a 529 asks for, and asks again after a failure in mid-stream", async () => {
    await using chain = await startChain("chat", [
      { refuses: 529, message: "Overloaded", retryAfter: 1 },
      { says: { text: "Partial answer" }, breaksOff: "overloaded" },
      { text: "Recovered." },
    ]);
    const { lines, result } = await run(chain);
    expect(lines.find(({ subtype }) => subtype === "api_retry")).toMatchObject({ error_status: 529 });
    expect(result).toMatchObject({ subtype: "success", is_error: false, result: "Recovered." });
    expect(chain.log.map(({ status }) => status)).toEqual([529, 200, 200]);
  });

  it("goes on with a text that max_tokens cut, and runs no call that it cut", async () => {
    let folder = "";
    await using chain = await startChain("chat", (index) => {
      const written = `{"file_path": "${join(folder, "a.txt")}", "content": "half of`;
      const cut: ModelAnswer[] = [
        { text: "It is 18 degr", stopReason: "max_tokens" },
        { toolCalls: [{ name: "Write", input: {}, written }], stopReason: "max_tokens" },
      ];
      return cut[index] ?? { text: "ees." };
    });
    await using claude = await start({ target: chain, prompt: "Go.", allowedTools: TOOLS });
    folder = claude.folder;
    const { result } = await claude.finished();
    expect(result).toMatchObject({ subtype: "success", result: "ees." });
    expect(chain.upstream).toHaveLength(3);
    await expect(readFile(join(folder, "a.txt"))).rejects.toThrow("ENOENT");
  });

  it("that is killed in the middle of an answer stops the model", async () => {
    await using chain = await startChain("chat", [{ says: { text: "A long story" }, breaksOff: "silence" }]);
    await using claude = await start({
      target: chain,
      prompt: "Go.",
      args: ["--include-partial-messages"],
    });
    await claude.said("text_delta");
    claude.kill();
    await chain.gatewayLeft();
  });

  it("says so when the key is wrong", async () => {
    await using chain = await startChain("chat", []);
    const { exitCode, result } = await run({ ...chain, key: "sk-other" });
    expect(exitCode).not.toBe(0);
    expect(result).toMatchObject({ is_error: true, api_error_status: 401 });
    expect(chain.upstream).toEqual([]);
  });
});

function toolResults(lines: ClaudeCodeOutcome["lines"]): readonly unknown[] {
  return lines.flatMap(({ type, message }) =>
    type === "user" ? (message?.content ?? []).map((block) => block.content) : [],
  );
}
