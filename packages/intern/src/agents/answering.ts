import type { Goal, Judgement } from "../loop/goal.ts";
import { RESEARCH_PROMPT } from "./research-prompt.ts";

/** From so many model calls before the last one on, the model is told to answer. */
const LAST_CALLS = 3;

const ANSWER_NOW =
  "[ml-intern] There is hardly anything left to spend on this question. Answer it now, from what you have found so far, without another tool call; say what remains open.";

const CUT_OFF =
  "[ml-intern] Your answer was cut off by the output limit. Give the whole of it again, in half as many words.";

/** An answer in words, to whoever asked. What is kept back for publishing is not for it. */
export const ANSWERING: Goal = {
  instructions: RESEARCH_PROMPT,
  usesKeptBack: false,
  finish: (_, { calls, budget }) => (calls <= LAST_CALLS || budget !== "enough" ? ANSWER_NOW : null),
  async judge({ message }): Promise<Judgement> {
    const answered = { outcome: "answered", cause: null } as const;
    if (message.stop_reason !== "max_tokens") return { kind: "end", result: answered };
    return { kind: "nudge", guidance: CUT_OFF, otherwise: answered };
  },
};
