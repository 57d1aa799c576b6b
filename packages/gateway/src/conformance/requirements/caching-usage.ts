import type { Requirement } from "../requirement.ts";

/** What a client sees of prompt caching in the answers. */
export const CACHING_USAGE: readonly Requirement[] = [
  {
    id: "caching.usage-first-and-last",
    source: "A10 162",
    level: "must",
    rule: "What was read and written is said in `message_start`, and the same again in the last `message_delta`.",
  },
  {
    id: "caching.usage-adds-up",
    source: "A10 160, 161",
    level: "must",
    rule: "Input, read and written tokens make up the prompt, as `count_tokens` counts it; what was written is the sum of both lifetimes.",
  },
  {
    id: "caching.usage-explicit-zeros",
    source: "A10 163, 165",
    level: "must",
    rule: "Where nothing was read or written the counts are there and 0, and the last event has no `cache_creation`.",
  },
  {
    id: "caching.usage-of-chat-completions",
    source: "A10 160",
    level: "choice",
    rule: "Over Chat Completions the counts in `message_start` are estimates. The last ones are the endpoint's own where it says what it found; what it took in is what the markers ask for, in proportion.",
    because: "No endpoint says before its answer what its cache will do, and none says what it has written.",
  },
  {
    id: "caching.pre-warm-asks-upstream",
    source: "A8 135",
    level: "must",
    rule: "`max_tokens: 0` with a marker has the prompt read by whoever answers, and gives back an empty message whose `usage` says what was written.",
  },
  {
    id: "caching.readable-while-it-streams",
    source: "A8 123, 124",
    level: "must",
    rule: "What a request writes is found by others from its first event on, and stays when its client leaves after that; a request that is refused writes nothing.",
  },
  {
    id: "caching.no-effect-on-output",
    source: "A8 134, 136",
    level: "must",
    rule: "A marker changes neither the answer nor the sum of the prompt's tokens, only how they are split.",
  },
  {
    id: "caching.only-where-there-is-one",
    source: "A8 109",
    level: "choice",
    rule: "Engines that keep nothing of a prompt, such as the recipes, say nothing of caches: 0 read, 0 written.",
    because: "A count of tokens that nobody saved would be a lie.",
  },
];
