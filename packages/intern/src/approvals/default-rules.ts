import type { CallMatch, NamedRule } from "./rule.ts";

/** Known sources of documentation, papers, models and code, which are read without a question. */
const KNOWN_HOSTS = [
  "huggingface.co",
  "*.huggingface.co",
  "hf.co",
  "arxiv.org",
  "*.arxiv.org",
  "github.com",
  "api.github.com",
  "raw.githubusercontent.com",
  "api.semanticscholar.org",
] as const;

const LOOPBACK = ["localhost", "127.0.0.1", "::1"] as const;

/** What holds where the person's rules say nothing: docs/approvals.md has them in words. */
export const DEFAULT_RULES: readonly NamedRule[] = [
  {
    name: "default:cost",
    decision: "ask",
    costUsd: { above: 1 },
    why: "It may cost more than $1, or nobody knows how much.",
  },
  {
    name: "default:contract",
    decision: "ask",
    tool: "propose_contract",
    why: "The terms cannot be changed once they are fixed.",
  },
  {
    name: "default:mcp",
    decision: "ask",
    origin: "mcp:*",
    why: "It is a tool of another program, and nobody here can vouch for what it does.",
  },
  { name: "default:sandbox", decision: "allow", hosts: [], why: "It stays on this machine." },
  {
    name: "default:embedded-hub",
    decision: "allow",
    tool: "publish_model",
    hosts: LOOPBACK,
    why: "The embedded hub is on this machine.",
  },
  {
    name: "default:reading",
    decision: "allow",
    readOnly: true,
    hosts: KNOWN_HOSTS,
    why: "It only reads, at a well-known place.",
  },
  {
    name: "default:search",
    decision: "allow",
    tool: "web_search",
    why: "It asks the search that was chosen in the settings, and no other host.",
  },
  { name: "default:rest", decision: "ask", why: "It reaches beyond this machine." },
];

/** Taking the terms of a contract leaves no trace outside of the session. */
export const DEFAULT_HEADLESS: readonly CallMatch[] = [{ tool: "propose_contract" }];
