import type { Requirement } from "../requirement.ts";

/** Why a prompt was not in the cache. */
export const DIAGNOSTICS: readonly Requirement[] = [
  {
    id: "diagnostics.opt-in",
    source: "A11.172",
    rule: "diagnostics holds the id of the message before, or null on the first turn. Of a request without diagnostics nothing is kept.",
    level: "must",
  },
  {
    id: "diagnostics.response-field",
    source: "A11.173",
    rule: "The answer's diagnostics stand in the message, in a stream in that of message_start: null when nobody asked, on the first turn, or when nothing differs; else a cache_miss_reason.",
    level: "must",
  },
  {
    id: "diagnostics.never-pending",
    source: "A11.173",
    rule: "cache_miss_reason is never null.",
    level: "choice",
    because:
      "Null says that the comparison is not done yet. Here it takes milliseconds, and message_start waits for it.",
  },
  {
    id: "diagnostics.reasons",
    source: "A11.174",
    rule: "model_changed (also for another speed), system_changed, tools_changed and messages_changed come with cache_missed_input_tokens, a whole number.",
    level: "must",
  },
  {
    id: "diagnostics.first-divergence",
    source: "A11.174",
    rule: "Where several things differ, the first in the order model, system, tools, messages is told.",
    level: "must",
  },
  {
    id: "diagnostics.missed-tokens",
    source: "A11.174",
    rule: "cache_missed_input_tokens is what the earlier prompt had behind the first place that differs, in the order tools, system, messages: a part of its counted tokens, by the lengths of its blocks.",
    level: "choice",
    because: "The API says what is estimated, the tokens that could have been read, but not how.",
  },
  {
    id: "diagnostics.same-prompt",
    source: "A11.174",
    rule: "What is appended is no divergence, nor is another spelling of the same prompt, another marker, or a field that is no part of the prompt.",
    level: "must",
  },
  {
    id: "diagnostics.previous-not-found",
    source: "A11.174",
    rule: "previous_message_not_found is said of an id that was never given out, has expired, is another workspace's, or is that of a request that had not asked for diagnostics.",
    level: "must",
  },
  {
    id: "diagnostics.unavailable",
    source: "A11.174",
    rule: "unavailable is said where only something beside the prompt differs that changes how it is read, such as tool_choice, thinking, effort or the answer's format.",
    level: "must",
  },
  {
    id: "diagnostics.state-lost",
    source: "A11.174",
    rule: "unavailable is said too where nothing differs, and what the earlier request had written could not be kept.",
    level: "choice",
    because: "The API has no reason for its own losses. None at all would let a miss look like a hit.",
  },
  {
    id: "diagnostics.betas",
    source: "A11.174",
    rule: "Other betas are no divergence.",
    level: "choice",
    because: "With the API a beta can change the prompt, and unavailable is said. Here none does.",
  },
  {
    id: "diagnostics.fingerprints",
    source: "A11.175",
    rule: "What is kept are digests and token counts, by response and workspace, for an hour, in a limited amount of memory.",
    level: "must",
  },
  {
    id: "diagnostics.never-fails",
    source: "A11.175",
    rule: "A diagnosis that fails is unavailable; the answer comes all the same.",
    level: "must",
  },
  {
    id: "diagnostics.independent",
    source: "A11.175",
    rule: "Requests are compared whether or not the cache was hit, and whether or not anything was marked.",
    level: "must",
  },
  {
    id: "diagnostics.who-answers",
    source: "A11.174",
    rule: "The model is the one that answers: a fallback is model_changed, another name for the same model is not.",
    level: "choice",
    because:
      "The API has no aliases. A cache belongs to the model that answers, and a silent fallback is a reason worth knowing.",
  },
  {
    id: "diagnostics.relayed",
    source: "A11.173",
    rule: "Of a relayed answer the diagnostics are the upstream's own.",
    level: "choice",
    because: "Only the upstream knows its cache, and its answers pass through as they are.",
  },
  {
    id: "diagnostics.log",
    source: "A11.173",
    rule: "The log has the reason, and the place in the request where the two part, such as tools.3; no word of the prompt.",
    level: "choice",
    because: "Not part of the API. Whoever runs the server wants to know who keeps changing what.",
  },
];
