import type { Random } from "@ml-intern/testkit";
import { type CallMatch, DECISIONS, type Rule } from "../rule.ts";
import type { ToolRequest } from "../tool-request.ts";

/** A call that stays in the sandbox; what differs is said. */
export function toolRequest(differs: Partial<ToolRequest> = {}): ToolRequest {
  return {
    tool: "bash",
    origin: "built-in",
    input: { command: "ls" },
    agent: "main",
    readOnly: false,
    estimatedUsd: 0,
    hosts: [],
    target: null,
    ...differs,
  };
}

const TOOLS = ["bash", "read", "upload"] as const;
const HOSTS = ["huggingface.co", "files.example", "evil.example"] as const;
const COMMANDS = ["git log", "git log; rm -rf .", "ls"] as const;
const AGENTS = ["main", "main/research", "main/research/reader"] as const;

export function anyRequest(random: Random): ToolRequest {
  return {
    tool: random.pick(TOOLS),
    origin: random.pick(["built-in", "built-in", "mcp:files"]),
    input: random.pick([{ command: random.pick(COMMANDS) }, { files: COMMANDS.slice(random.below(3)) }, {}]),
    agent: random.pick(AGENTS),
    readOnly: random.oneIn(2),
    estimatedUsd: random.pick([0, 1, 20, null]),
    hosts: random.pick([[], [random.pick(HOSTS)], HOSTS.slice(random.below(3)), "any" as const]),
    target: random.pick([null, { name: "me/model", visibility: random.pick(["public", "private"]) }]),
  };
}

export function anyMatch(random: Random): CallMatch {
  const part = (match: CallMatch): CallMatch => (random.oneIn(3) ? match : {});
  return {
    ...part({ tool: random.pick([...TOOLS, "*"]) }),
    ...part({ origin: random.pick(["built-in", "mcp:*", "*"]) }),
    ...part({ agent: random.pick([...AGENTS, "main/*"]) }),
    ...part({ readOnly: random.oneIn(2) }),
    ...part({ input: { [random.pick(["command", "files"])]: random.pick([...COMMANDS, "git *", "**"]) } }),
    ...part({ hosts: random.pick([[], [random.pick(HOSTS)], ["*.org", "huggingface.co"], ["*"]]) }),
    ...part({ costUsd: random.pick([{ above: 5 }, { atMost: 5 }]) }),
    ...part({ target: { visibility: random.pick(["public", "private"]) } }),
  };
}

export function anyRules(random: Random): readonly Rule[] {
  return Array.from({ length: random.below(5) }, () => ({
    decision: random.pick(DECISIONS),
    ...anyMatch(random),
  }));
}
