import { z } from "zod";
import type { Rule } from "../approvals/rule.ts";
import { ToolFailure } from "../failures/tool-failure.ts";
import { readLog } from "../session/session-log.ts";
import type { SessionState } from "../session/session-state.ts";
import { agentPaths } from "../session/session-store.ts";
import { defineTool, type Tool, type ToolContext } from "../tools/define-tool.ts";
import { ANSWERING } from "./answering.ts";
import { atMost } from "./at-most.ts";
import { checkSources, describeSources } from "./check-sources.ts";
import { describeSpending } from "./describe-spending.ts";
import { researchTask } from "./research-prompt.ts";
import { RESEARCH_TOOLS } from "./research-tools.ts";
import { type AgentHost, runSubAgent, type SubAgentEnd } from "./sub-agent.ts";

const MAX_ITERATIONS = 60;
const AT_A_TIME = 4;
/** Several may be at work side by side, and the work itself has to be paid for. */
const SHARE = 0.2;
/** Characters of its last words, when it did not come to an answer. */
const LAST_WORDS = 2_000;

const RULES: readonly Rule[] = [{ decision: "deny", readOnly: false, why: "A research agent only reads." }];

/** Sends a research agent; null lists the tool alone. `tools` are what the agent reads with. */
export function researchTool(host: AgentHost | null, tools: readonly Tool[] = RESEARCH_TOOLS): Tool {
  const withPlace = atMost(AT_A_TIME);
  return defineTool({
    name: "research",
    description:
      "Sends a research agent with a question, and gives its answer (at most 1,500 words) with what it cost. It has a conversation of its own, so that a long search does not fill yours; it reads the workspace, data and runs, changes nothing, and knows nothing of this conversation: say in `context` what it needs. Several questions in one reply are worked on side by side, four at a time; more wait their turn. For what takes many looks; what takes one or two you find faster yourself.",
    readOnly: true,
    input: z.strictObject({
      question: z.string().min(1).max(8_000).describe("what to find out, and what the answer is for"),
      context: z
        .string()
        .max(20_000)
        .optional()
        .describe("what is known already: files, names, what was tried"),
    }),
    async execute(input, context) {
      if (host === null) throw new Error("a tool that is only listed cannot be called");
      const research = (): Promise<SubAgentEnd> =>
        runSubAgent({
          name: "research",
          goal: ANSWERING,
          tools,
          rules: RULES,
          maxIterations: MAX_ITERATIONS,
          share: SHARE,
          task: researchTask(input),
          host,
          context,
        });
      const { state, agent } = await withPlace(research, context.signal);
      if (state.outcome !== "answered") throw noAnswer(state);
      const cost = describeSpending(context.session.state, agent);
      const calls = `${state.iterations} model ${state.iterations === 1 ? "call" : "calls"}`;
      const answer = lastWords(state);
      const sources = describeSources(checkSources(answer, await resultsOf(context)));
      return [answer, ...(sources === null ? [] : [sources]), `[research: ${calls}, ${cost}]`].join("\n\n");
    },
  });
}

/** What the agent of a call has read: its log has it, also where its conversation was shortened. */
async function resultsOf({ session, callId }: ToolContext): Promise<string[]> {
  const { events } = await readLog(agentPaths(session.paths, callId).events);
  return events.flatMap((event) => (event.type === "tool_finished" ? [event.content] : []));
}

function noAnswer(state: SessionState): ToolFailure {
  const { cause } = state;
  const words = lastWords(state).slice(-LAST_WORDS);
  return new ToolFailure(
    "research/no_answer",
    `The research came to no answer. ${cause?.message ?? ""}${words === "" ? "" : `\nIts last words: ${words}`}`.trim(),
    "Ask something narrower, or look yourself.",
  );
}

function lastWords({ lastMessage }: SessionState): string {
  const texts = lastMessage?.content.flatMap((block) => (block.type === "text" ? [block.text] : [])) ?? [];
  return texts.join("\n").trim();
}
