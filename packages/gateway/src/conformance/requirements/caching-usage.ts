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
    rule: "Over Chat Completions the counts in `message_start` are estimates. The last ones are the endpoint's own where it says what it found and wrote; where it does not, what it took in is what the markers ask for, in proportion.",
    because: "No endpoint says before its answer what its cache will do, and few say what they have written.",
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
    id: "caching.only-what-is-held",
    source: "A8 111, 115",
    level: "choice",
    rule: "Of a prompt whose state the embedded engine does not hold any more, the longest entry that it still holds is read; the rest is written anew.",
    because:
      "The API's cache loses nothing before its time. A machine of one's own has limits, and a read that is computed again would be a lie.",
  },
  {
    id: "caching.only-where-there-is-one",
    source: "A8 109",
    level: "choice",
    rule: "Engines that keep nothing of a prompt, such as the recipes, say nothing of caches: 0 read, 0 written.",
    because: "A count of tokens that nobody saved would be a lie.",
  },
  {
    id: "caching.price-multiples",
    source: "A10 168",
    level: "must",
    rule: "A write for five minutes costs 1.25 times the input, one for an hour twice, a read a tenth or less where the model's price says so; a request of a batch costs half of that.",
  },
  {
    id: "caching.listed-prices",
    source: "A10 169",
    level: "must",
    rule: "Each kind of token has the price that the API lists for the model, whatever engine has it and whatever date ends its name; what the list does not say is unknown, not free.",
  },
  {
    id: "caching.break-even",
    source: "A10 170",
    level: "must",
    rule: "What was written for five minutes has paid after one read, what was written for an hour after two.",
  },
  {
    id: "caching.reads-are-not-limited",
    source: "A10 171",
    level: "choice",
    rule: "What was read from the cache counts to no limit of input tokens; what was written does.",
    because:
      "The API makes an exception of one old model, Haiku 3.5. Here the limits are their owner's, and one rule for all is easier to reckon with.",
  },
];
