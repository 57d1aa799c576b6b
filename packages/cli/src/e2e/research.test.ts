import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type OpenAiRequestBody, type ScriptedTurn, startScriptedOpenAiServer } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { runCli, testHome } from "./run-cli.ts";

const research = (question: string) => ({ name: "research", input: { question } });

/** Sends two agents, which look at the data, and gives up. */
function answer({ messages }: OpenAiRequestBody): ScriptedTurn {
  const said = messages.filter(({ role }) => role === "assistant").length;
  const isOfAgent = JSON.stringify(messages[0]).includes("You do research for ml-intern");
  if (!isOfAgent && said === 0) return { toolCalls: [research("What leaks?"), research("What is missing?")] };
  if (!isOfAgent) return { text: "I leave it at that." };
  if (said === 0) return { toolCalls: [{ name: "inspect_data", input: { target: "kind" } }] };
  // What it has seen is in its answer.
  return { text: JSON.stringify(messages.at(-1)).includes("cat") ? "Nothing." : "I see no data." };
}

test("agents that a model sends look at the person's data side by side, and what they do is shown below their calls", async () => {
  await using home = await testHome();
  await using server = await startScriptedOpenAiServer(answer);
  const data = join(home.path, "pets.csv");
  const rows = Array.from({ length: 60 }, (_, index) => `${index},${index % 7},${index % 2 ? "cat" : "dog"}`);
  await writeFile(data, `id,size,kind\n${rows.join("\n")}\n`);
  const args = ["What is it?", "--data", data, "--model", "openai/scripted"];
  const { stdout } = await runCli(args, { home: home.path, env: { OPENAI_BASE_URL: server.baseUrl } });
  expect(stdout.match(/→ research/g)).toHaveLength(2);
  // One that begins before there is another has its first line to itself.
  const line = /│ (\[What (?:leaks|is missing)\?\] )?inspect_data kind · [\d,]+ tokens, \$0\.00/g;
  const whose = [...stdout.matchAll(line)].map(([, name]) => name);
  expect(whose).toHaveLength(2);
  expect(whose.some((name) => name !== undefined)).toBe(true);
  const results = server.requests
    .flatMap(({ body }) => body.messages)
    .filter(
      ({ role, content }) =>
        role === "tool" && /^Nothing\.\n\n\[research: 2 model calls/.test(String(content)),
    );
  expect(new Set(results.map(({ tool_call_id }) => tool_call_id)).size).toBe(2);
  const [session = ""] = await readdir(join(home.path, "sessions"));
  const agents = await readdir(join(home.path, "sessions", session, "agents"));
  expect(agents).toEqual([expect.stringMatching(/_0$/), expect.stringMatching(/_1$/)]);
  const { stdout: listed } = await runCli(["sessions"], { home: home.path });
  expect(
    listed
      .trim()
      .split("\n")
      .filter((line) => line.includes("What is it?")),
  ).toHaveLength(1);
}, 120_000);
