import type { Requirement } from "../requirement.ts";

/** Errors and what clients make of them. */
export const ERRORS: readonly Requirement[] = [
  {
    id: "error.envelope",
    source: "A7.104",
    rule: "An error's body is type error, error with type, message and perhaps details.error_code, and request_id, as in the header.",
    level: "must",
  },
  {
    id: "error.statuses",
    source: "A7.105",
    rule: "Each status has its error type, and the official client's class for it.",
    level: "must",
  },
  {
    id: "error.retries",
    source: "A7.105",
    rule: "The official client retries 408, 409, 429 and 5xx, and nothing else.",
    level: "must",
  },
  {
    id: "error.unknown-model",
    source: "A7.105",
    rule: "An unknown model is 404 not_found_error, `model: <name>`, and says which would work.",
    level: "must",
  },
  {
    id: "error.codes",
    source: "A7.106",
    rule: "details.error_code names the cause.",
    level: "must",
  },
  {
    id: "error.no-vain-retry",
    source: "A7.106",
    rule: "What cannot succeed later carries x-should-retry: false where the status alone would be retried.",
    level: "should",
  },
  {
    id: "error.wording-is-forwarded",
    source: "A7.107",
    rule: "Errors of an upstream that speaks the Messages API arrive in its own words.",
    level: "must",
  },
];
