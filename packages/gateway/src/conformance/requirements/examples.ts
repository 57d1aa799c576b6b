import type { Requirement } from "../requirement.ts";

/** Six example streams: this server writes them byte for byte where their bytes are its to choose, and clients read them as the API's. */
export const EXAMPLES: readonly Requirement[] = [
  {
    id: "example.text",
    source: "B1",
    rule: "Text, with cache counts.",
    level: "must",
  },
  {
    id: "example.text-then-call",
    source: "B2",
    rule: "Text, then a call whose arguments leave member by member.",
    level: "must",
  },
  {
    id: "example.parallel-calls",
    source: "B3",
    rule: "Two calls, the second without arguments.",
    level: "must",
  },
  {
    id: "example.thinking-then-call",
    source: "B4",
    rule: "Signed thinking, then a call.",
    level: "must",
  },
  {
    id: "example.error-in-mid-stream",
    source: "B5",
    rule: "An error in mid-stream, and the end.",
    level: "must",
  },
  {
    id: "example.eager-call-cut",
    source: "B6",
    rule: "An eager call that max_tokens cut.",
    level: "must",
  },
];
