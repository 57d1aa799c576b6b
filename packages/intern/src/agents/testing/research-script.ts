import type { MessagesRequest } from "@ml-intern/messages";
import type { ScriptedAnswer } from "@ml-intern/testkit";
import { RESEARCH_PROMPT } from "../research-prompt.ts";

/** What a model says in both parts: to the session's own agent, and to those that it sends. */
export interface ResearchScript {
  /** One answer after the other. */
  readonly main: readonly ScriptedAnswer[];
  /** To an agent's nth request, counted from 0, of the conversation that began with `question`. */
  readonly agent: (asked: {
    readonly question: string;
    readonly step: number;
    readonly request: MessagesRequest;
  }) => ScriptedAnswer;
}

/** A script for one engine that serves both. */
export function researchScript({
  main,
  agent,
}: ResearchScript): (request: MessagesRequest) => ScriptedAnswer {
  let next = 0;
  return (request) => {
    if (!isOfAgent(request)) return main[next++] ?? { text: "Done." };
    const [first] = request.messages;
    const step = request.messages.filter(({ role }) => role === "assistant").length;
    return agent({ question: String(first?.content), step, request });
  };
}

export function isOfAgent({ system }: MessagesRequest): boolean {
  return JSON.stringify(system).includes(JSON.stringify(RESEARCH_PROMPT).slice(1, 60));
}
