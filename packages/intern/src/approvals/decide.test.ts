import { readFileSync } from "node:fs";
import { readSettings, section } from "@ml-intern/gateway/settings";
import { seededRandom } from "@ml-intern/testkit";
import { describe, expect, test } from "vitest";
import { approvalsSchema } from "./approvals-schema.ts";
import { decide, decideAlone } from "./decide.ts";
import { createPolicy, narrowPolicy, withAlways } from "./policy.ts";
import { isStricter } from "./rule.ts";
import { anyMatch, anyRequest, anyRules, toolRequest } from "./testing/requests.ts";
import type { ToolRequest } from "./tool-request.ts";

const policy = createPolicy();

describe("without any settings", () => {
  test.each<[string, Partial<ToolRequest>, string, string]>([
    ["work in the sandbox", {}, "allow", "default:sandbox"],
    ["a sub-agent's work in the sandbox", { agent: "main/research" }, "allow", "default:sandbox"],
    ["what may cost more than a dollar", { estimatedUsd: 1.01 }, "ask", "default:cost"],
    ["what costs nobody knows how much", { estimatedUsd: null }, "ask", "default:cost"],
    ["the terms of a contract", { tool: "propose_contract" }, "ask", "default:contract"],
    [
      "a tool of an MCP server, even one that only reads",
      { origin: "mcp:files", readOnly: true },
      "ask",
      "default:mcp",
    ],
    ["an MCP tool by the name of a built-in one", { origin: "mcp:evil", tool: "read" }, "ask", "default:mcp"],
    [
      "publishing to the embedded hub",
      { tool: "publish_model", hosts: ["127.0.0.1"] },
      "allow",
      "default:embedded-hub",
    ],
    ["publishing elsewhere", { tool: "publish_model", hosts: ["huggingface.co"] }, "ask", "default:rest"],
    [
      "publishing to both",
      { tool: "publish_model", hosts: ["127.0.0.1", "huggingface.co"] },
      "ask",
      "default:rest",
    ],
    [
      "another tool at this machine's own servers",
      { hosts: ["127.0.0.1"], readOnly: true },
      "ask",
      "default:rest",
    ],
    ["reading documentation", { hosts: ["huggingface.co"], readOnly: true }, "allow", "default:reading"],
    ["writing there", { hosts: ["huggingface.co"] }, "ask", "default:rest"],
    ["reading elsewhere", { hosts: ["huggingface.co.evil.example"], readOnly: true }, "ask", "default:rest"],
    ["reading nobody knows where", { hosts: "any", readOnly: true }, "ask", "default:rest"],
  ])("%s", (_, differs, decision, rule) => {
    expect(decide(policy, toolRequest(differs))).toMatchObject({
      decision,
      rule,
      why: expect.stringMatching(/\w\.$/),
    });
  });

  test("where nobody can be asked, the contract's terms are taken and nothing else", () => {
    expect(decideAlone(policy, toolRequest({ tool: "propose_contract" }))).toMatchObject({
      decision: "allow",
      rule: "approvals.headless.allow[0]",
    });
    expect(decideAlone(policy, toolRequest({ hosts: ["huggingface.co"] }))).toMatchObject({
      decision: "deny",
      rule: "default:rest",
    });
    expect(decideAlone(policy, toolRequest({ origin: "mcp:x", tool: "propose_contract" })).decision).toBe(
      "deny",
    );
    expect(decideAlone(policy, toolRequest()).decision).toBe("allow");
  });
});

describe("a person's rules", () => {
  test("come first, and the first that fits decides", () => {
    const own = createPolicy({
      rules: [
        {
          decision: "deny",
          tool: "bash",
          input: { command: "*curl*" },
          why: "Downloads have a tool of their own.",
        },
        {
          decision: "allow",
          tool: "upload",
          hosts: ["huggingface.co"],
          target: { name: "me/*", visibility: "private" },
        },
        { decision: "deny", tool: "upload" },
      ],
    });
    const upload = { tool: "upload", hosts: ["huggingface.co"] };
    const mine = { name: "me/model", visibility: "private" } as const;
    expect(decide(own, toolRequest({ input: { command: "ls; curl x" } }))).toEqual({
      decision: "deny",
      rule: "approvals.rules[0]",
      why: "Downloads have a tool of their own.",
    });
    expect(decide(own, toolRequest({ ...upload, target: mine })).decision).toBe("allow");
    expect(decide(own, toolRequest({ ...upload, target: { ...mine, visibility: "public" } })).decision).toBe(
      "deny",
    );
    expect(decide(own, toolRequest({ ...upload, target: { ...mine, name: "you/model" } })).rule).toBe(
      "approvals.rules[2]",
    );
  });

  test("allow only what fits in all its parts, and forbid what fits in one", () => {
    const files = { input: { "options.files": "data/*" } };
    const request = toolRequest({
      hosts: ["files.example"],
      input: { options: [{ files: ["data/a", "/etc/passwd"] }] },
    });
    expect(decide(createPolicy({ rules: [{ decision: "allow", ...files }] }), request).decision).toBe("ask");
    expect(decide(createPolicy({ rules: [{ decision: "deny", ...files }] }), request).decision).toBe("deny");
    const both = toolRequest({ hosts: ["files.example", "evil.example"] });
    const hosts = ["Files.Example."];
    expect(decide(createPolicy({ rules: [{ decision: "allow", hosts }] }), both).decision).toBe("ask");
    expect(decide(createPolicy({ rules: [{ decision: "deny", hosts }] }), both).decision).toBe("deny");
    expect(
      decide(createPolicy({ rules: [{ decision: "deny", hosts }] }), toolRequest({ hosts: "any" })).decision,
    ).toBe("deny");
  });

  test("do not speak of hosts and fields that a call has not, not even of those that every object has", () => {
    const contract = toolRequest({ tool: "propose_contract" });
    for (const match of [{ hosts: ["*"] }, { input: { reason: "*" } }, { input: { toString: "**" } }]) {
      expect(decide(createPolicy({ rules: [{ decision: "allow", ...match }] }), contract).decision).toBe(
        "ask",
      );
      expect(decide(createPolicy({ rules: [{ decision: "deny", ...match }] }), contract).decision).toBe(
        "ask",
      );
    }
  });

  test("reach tools of MCP servers only by their origin when they allow, and always when they forbid", () => {
    const mcp = toolRequest({ origin: "mcp:files", tool: "read" });
    expect(decide(createPolicy({ rules: [{ decision: "allow", tool: "read" }] }), mcp).decision).toBe("ask");
    expect(decide(createPolicy({ rules: [{ decision: "deny", tool: "read" }] }), mcp).decision).toBe("deny");
    const named = createPolicy({ rules: [{ decision: "allow", tool: "read", origin: "mcp:files" }] });
    expect(decide(named, mcp).decision).toBe("allow");
  });

  test("are checked as they are read, and a slip is named", () => {
    const written = {
      rules: [{ decision: "ask", tool: "train", input: { epochs: 3 }, costUsd: { above: 2 } }],
      headless: { allow: [] },
    };
    const settings = approvalsSchema.parse(written);
    const train = toolRequest({ tool: "train", input: { epochs: 3 }, estimatedUsd: 3 });
    expect(decide(createPolicy(settings), train).rule).toBe("approvals.rules[0]");
    expect(decideAlone(createPolicy(settings), toolRequest({ tool: "propose_contract" })).decision).toBe(
      "deny",
    );
    for (const slip of [
      { decision: "ask", tol: "x" },
      { decision: "perhaps" },
      { decision: "ask", tool: [] },
      { decision: "ask", tool: "x".repeat(201) },
      { decision: "ask", costUsd: {} },
      { decision: "ask", costUsd: { above: 1, atMost: 2 } },
    ]) {
      expect(approvalsSchema.safeParse({ rules: [slip] }).success, JSON.stringify(slip)).toBe(false);
    }
  });
});

test("the example of docs/approvals.md means what it says", () => {
  const text = readFileSync(new URL("../../../../docs/approvals.md", import.meta.url), "utf8");
  const yaml = /```yaml\n(.*?)```/s.exec(text)?.[1] ?? "";
  const schema = section({ approvals: approvalsSchema });
  const { approvals } = readSettings(yaml, { file: "", variables: {}, schema, secrets: new Set(), mend: "" });
  const own = createPolicy(approvals);
  const mine = { hosts: ["huggingface.co"], target: { name: "me/model", visibility: "private" } } as const;
  expect(decide(own, toolRequest({ input: { command: "python -m pip install x" } }))).toMatchObject({
    decision: "deny",
    why: "The environments are fixed.",
  });
  expect(decide(own, toolRequest({ tool: "upload_file", ...mine })).decision).toBe("allow");
  expect(decide(own, toolRequest({ estimatedUsd: 6 })).rule).toBe("approvals.rules[2]");
  expect(decideAlone(own, toolRequest({ tool: "publish_model", ...mine })).decision).toBe("allow");
});

describe("for any rules and any call", () => {
  const random = seededRandom(7);
  const rounds = Array.from({ length: 2_000 }, () => ({
    policy: createPolicy({ rules: anyRules(random), headless: { allow: [anyMatch(random)] } }),
    request: anyRequest(random),
    added: anyRules(random),
    always: [anyMatch(random)],
  }));

  test("a sub-agent's rules never allow what its parent is asked about or forbidden", () => {
    let stricter = 0;
    for (const { policy, request, added, always } of rounds) {
      const granted = withAlways(policy, always);
      const parent = decide(granted, request);
      const child = decide(narrowPolicy(granted, "research", added), request);
      expect(isStricter(parent.decision, child.decision)).toBe(false);
      const alone = decideAlone(narrowPolicy(granted, "research", added), request);
      expect(isStricter(decideAlone(granted, request).decision, alone.decision)).toBe(false);
      if (isStricter(child.decision, parent.decision)) stricter++;
    }
    expect(stricter).toBeGreaterThan(40);
  });

  test("a call is judged at least as strictly further down, whatever rules say of agents", () => {
    for (const { policy, request, always } of rounds) {
      for (const decideOn of [decide, decideAlone]) {
        const above = decideOn(withAlways(policy, always), { ...request, agent: "main" });
        const below = decideOn(withAlways(policy, always), { ...request, agent: "main/research" });
        expect(isStricter(above.decision, below.decision)).toBe(false);
      }
    }
  });

  test("what was allowed for the session replaces questions, and nothing else", () => {
    let replaced = 0;
    for (const { policy, request, always } of rounds) {
      const before = decide(policy, request);
      const after = decide(withAlways(policy, always), request);
      if (after.rule === "session") {
        replaced++;
        expect(before.decision).toBe("ask");
      } else {
        expect(after).toEqual(before);
      }
    }
    expect(replaced).toBeGreaterThan(20);
  });

  test("alone there are no questions left, and nothing is allowed that was forbidden", () => {
    for (const { policy, request } of rounds) {
      const before = decide(policy, request);
      const after = decideAlone(policy, request);
      expect(after.decision).not.toBe("ask");
      if (before.decision !== "ask") expect(after).toEqual(before);
    }
  });
});
