import { describe, expect, it } from "vitest";
import { verifies } from "../conformance/verifies.ts";
import { refusal } from "./testing/refusal.ts";
import { assistant, call, document, requestBody, result, text, user } from "./testing/request-parts.ts";

const under = (
  version: string,
  path = "/v1/messages",
): { headers: Record<string, string>; path: string } => ({
  headers: { "anthropic-version": version },
  path,
});
const cited = text("x", { citations: [{ type: "char_location" }] });

describe("the version header", () => {
  it("takes both versions", async () => {
    verifies("version.accepted");
    expect(await refusal(requestBody(), under("2023-06-01"))).toBeNull();
    expect(await refusal(requestBody(), under("2026-10-21"))).toBeNull();
  });

  it("is 2023-06-01 when absent, follows the latest rules when later, and is a date", async () => {
    verifies("version.default", "version.old-sampling");
    const sampling = requestBody({ temperature: 0.5, top_p: 0.5, top_k: 3 });
    expect(await refusal(sampling)).toBeNull();
    expect(await refusal(sampling, under("2023-06-01"))).toBeNull();
    expect(await refusal(sampling, under("2027-01-01"))).toBe("temperature: Extra inputs are not permitted");
    expect(await refusal(requestBody(), under("latest"))).toBe(
      'anthropic-version: "latest" is not a valid version',
    );
  });
});

describe("2026-10-21", () => {
  it.each(["/v1/messages", "/v1/messages/count_tokens"])(
    "refuses sampling at %s, even the default",
    async (path) => {
      verifies("version.strict-sampling");
      for (const [field, value] of Object.entries({ temperature: 1, top_p: 1, top_k: 0 })) {
        const message = `${field}: Extra inputs are not permitted`;
        expect(await refusal(requestBody({ [field]: value }), under("2026-10-21", path))).toBe(message);
      }
      expect(await refusal(requestBody({ temperature: null }), under("2026-10-21", path))).toBeNull();
    },
  );

  it("refuses documents directly in an assistant's message", async () => {
    verifies("version.strict-documents");
    const body = requestBody({ messages: [user("a"), assistant([document()]), user("b")] });
    expect(await refusal(body, under("2026-10-21"))).toBe(
      "messages.1.content.0: `document` blocks are not allowed in `assistant` messages",
    );
    expect(await refusal(body, under("2023-06-01"))).toBeNull();
  });

  it("refuses citations in a user's text, also within results", async () => {
    verifies("version.strict-citations");
    const found = { type: "search_result", source: "s", title: "t", content: [text("a"), cited] };
    const places: [string, readonly object[]][] = [
      ["messages.0.content.0", [user([cited])]],
      ["messages.0.content.0.content.1", [user([found])]],
      [
        "messages.2.content.0.content.0.content.1",
        [user("a"), assistant([call("t")]), user([result("t", { content: [found] })])],
      ],
    ];
    for (const [path, messages] of places) {
      expect(await refusal(requestBody({ messages }), under("2026-10-21"))).toBe(
        `${path}.citations: Extra inputs are not permitted`,
      );
      expect(await refusal(requestBody({ messages }), under("2023-06-01"))).toBeNull();
    }
    const allowed = [user([text("a", { citations: [] })]), assistant([cited]), user("b")];
    expect(await refusal(requestBody({ messages: allowed }), under("2026-10-21"))).toBeNull();
  });
});

describe("betas", () => {
  it.each([
    "prompt-caching-2024-07-31,extended-cache-ttl-2025-04-11,token-counting-2024-11-01",
    "message-batches-2024-09-24, token-efficient-tools-2025-02-19, cache-diagnosis-2026-04-07",
  ])("that are no longer needed are accepted: %s", async (betas) => {
    verifies("beta.graduated", "beta.list");
    expect(await refusal(requestBody(), { headers: { "anthropic-beta": betas } })).toBeNull();
  });

  it("that nobody knows are ignored", async () => {
    verifies("beta.unknown-is-ignored");
    expect(
      await refusal(requestBody(), { headers: { "anthropic-beta": "novel-2030-01-01,,x y" } }),
    ).toBeNull();
  });
});
