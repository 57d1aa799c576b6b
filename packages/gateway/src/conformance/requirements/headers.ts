import type { Requirement } from "../requirement.ts";

/** Who asks, in which version, with which betas; and what every response carries. */
export const HEADERS: readonly Requirement[] = [
  {
    id: "auth.either-header",
    source: "A2.16",
    rule: "A key is accepted in x-api-key or as Authorization: Bearer; with both, either may be the valid one.",
    level: "must",
  },
  {
    id: "auth.missing-or-invalid",
    source: "A2.17",
    rule: "Without a valid key the answer is 401 authentication_error.",
    level: "must",
  },
  {
    id: "auth.open-on-loopback",
    source: "A2.17",
    rule: "Where no keys are configured everyone is let in but a web page from elsewhere, which gets 403 permission_error.",
    level: "choice",
    because:
      "A server on loopback needs no keys; a browser would otherwise let any site spend the machine's time.",
  },
  {
    id: "version.accepted",
    source: "A2.18",
    rule: "2023-06-01 and 2026-10-21 are accepted, and not echoed.",
    level: "must",
  },
  {
    id: "version.default",
    source: "A2.18",
    rule: "Without anthropic-version the rules of 2023-06-01 hold; later dates follow the latest rules; what is no date is 400.",
    level: "choice",
    because: "Hand-written clients often leave it out, and nothing is lost by answering them.",
  },
  {
    id: "version.strict-sampling",
    source: "A2.19",
    rule: "Under 2026-10-21 temperature, top_p and top_k are refused, even at their defaults, for messages and for count_tokens.",
    level: "must",
  },
  {
    id: "version.strict-documents",
    source: "A2.19",
    rule: "Under 2026-10-21 a document block directly in an assistant message is 400.",
    level: "must",
  },
  {
    id: "version.strict-citations",
    source: "A2.19",
    rule: "Under 2026-10-21 citations on a user's text, also within a search_result, are 400.",
    level: "must",
  },
  {
    id: "version.strict-batches",
    source: "A2.19",
    rule: "The rules of a version hold for each request of a batch.",
    level: "must",
  },
  {
    id: "version.old-sampling",
    source: "A2.20",
    rule: "Under 2023-06-01 sampling parameters are legal; models named like Claude 4.7 and later refuse values that are not the default.",
    level: "must",
  },
  {
    id: "beta.unknown-is-ignored",
    source: "A2.22",
    rule: "Values of anthropic-beta that are not known are ignored.",
    level: "choice",
    because:
      "The API answers 400. Clients send more of them with every release, and they change nothing here.",
  },
  {
    id: "beta.list",
    source: "A2.21",
    rule: "anthropic-beta is a list with commas.",
    level: "must",
  },
  {
    id: "beta.graduated",
    source: "A2.23",
    rule: "Betas that are no longer needed are accepted.",
    level: "must",
  },
  {
    id: "header.request-id",
    source: "A2.24",
    rule: "Every response, errors and streams too, has its own request-id: req_….",
    level: "must",
  },
  {
    id: "header.organization",
    source: "A2.25",
    rule: "Responses carry anthropic-organization-id, and anthropic-workspace-id once the key is known.",
    level: "should",
  },
  {
    id: "header.workspace-choice",
    source: "A2.26",
    rule: "anthropic-workspace-id on a request must name the workspace of its key.",
    level: "must",
  },
  {
    id: "header.rate-limits",
    source: "A2.27",
    rule: "Where limits are configured, responses say limit, remaining and reset (RFC 3339) of requests and tokens, tokens rounded to thousands.",
    level: "must",
  },
  {
    id: "header.retry-after",
    source: "A2.27",
    rule: "A 429 says in retry-after how many seconds to wait.",
    level: "must",
  },
  {
    id: "header.retry-hints",
    source: "A2.28",
    rule: "The official client keeps to x-should-retry, retry-after-ms and retry-after as this server sends them.",
    level: "should",
  },
  {
    id: "header.tolerated",
    source: "A2.29",
    rule: "x-stainless-*, x-app, user-agent and x-claude-code-* are allowed and change nothing.",
    level: "must",
  },
  {
    id: "header.cors",
    source: "A2.30",
    rule: "A browser's preflight is answered with the headers that the clients send, and request-id is exposed, for origins that are let in.",
    level: "should",
  },
];
