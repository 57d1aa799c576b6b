import type Anthropic from "@anthropic-ai/sdk";
import { countRequest, requestFor } from "../loop/request.ts";
import { resultFile, sizeOf } from "../session/conversation.ts";
import type { Compaction } from "../session/session-event.ts";
import { applyEvent, type SessionState } from "../session/session-state.ts";
import type { Session } from "../session/session-store.ts";
import type { Tool } from "../tools/define-tool.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { writeWorkspaceText } from "../workbench/workspace-files.ts";
import { estimateContext } from "./context-size.ts";
import { type Fact, missingFacts, pinnedFacts } from "./pinned-facts.ts";
import { keptWithin, type LongResult, longResults, withoutAll } from "./shorten.ts";
import { takeNotes } from "./take-notes.ts";

export interface CompactOptions {
  readonly session: Session;
  readonly workbench: Workbench;
  readonly client: Anthropic;
  readonly instructions: string;
  readonly tools: readonly Tool[];
  readonly reason: Compaction["reason"];
  /** The most tokens that a request may have; the next one gets well below it. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** The share of the limit at which a shortened conversation should stand, so that the next time is far away. */
const AIM = 0.5;
/** Messages whose results stay as they are while older ones give way. */
const UNTOUCHED = 6;
/** How much of the limit the newest messages may keep, word for word. Each later try keeps less. */
const KEPT_SHARES = [0.25, 0.08, 0];

/**
 * Shortens the conversation so that the next request fits. First old results give way to files; if that is not enough, the
 * model writes notes, and all but the newest messages give way to them and to what is pinned; if that is not enough, or
 * the model cannot, less and less is kept. It always ends with a conversation that fits, and records one event.
 */
export async function compact(options: CompactOptions): Promise<Compaction> {
  const { session, reason, limit } = options;
  const { state } = session;
  const facts = pinnedFacts(state);
  const before = Math.max(estimateContext(state), 1);
  const elided = await elide(options, longResults(state.messages.slice(0, -UNTOUCHED)));
  const light: Plan = { summary: null, kept: 0, elided, usage: null };
  let plan = light;
  if (reason === "asked" || sizeAfter(state, light, before) > AIM * limit)
    plan = await summarised(options, { facts, before, elided });
  const measured = { ...plan, reason, tokens_before: before };
  const after = await count(options, measured);
  const compaction: Compaction = {
    ...measured,
    tokens_after: after ?? sizeAfter(state, plan, before),
    facts: { checked: facts.length, missing: plan.summary === null ? [] : missingFacts(plan.summary, facts) },
  };
  await session.append({ type: "compacted", ...compaction });
  return compaction;
}

interface Plan {
  readonly summary: string | null;
  readonly kept: number;
  readonly elided: readonly string[];
  readonly usage: Compaction["usage"];
}

async function summarised(
  options: CompactOptions,
  { facts, before, elided }: { facts: readonly Fact[]; before: number; elided: readonly string[] },
): Promise<Plan> {
  const { session, limit } = options;
  const { state } = session;
  const notes = await takeNotes(options);
  const usage = notes?.usage ?? null;
  const summary = firstMessage(facts, notes?.text ?? null);
  const perToken = sizeOf(state.messages) / before;
  let plan: Plan = { summary, kept: 0, elided, usage };
  for (const share of KEPT_SHARES) {
    const kept = keptWithin(state.messages, share * limit * perToken);
    const tail = kept === 0 ? [] : state.messages.slice(-kept);
    const long = sizeAfter(state, { ...plan, kept }, before) > AIM * limit ? longResults(tail) : [];
    plan = { ...plan, kept, elided: [...new Set([...elided, ...(await elide(options, long))])] };
    if (sizeAfter(state, plan, before) <= AIM * limit) break;
  }
  return plan;
}

/** Puts results into files, and gives the ids of those that are in one. */
async function elide(
  { workbench, signal }: CompactOptions,
  results: readonly LongResult[],
): Promise<readonly string[]> {
  const elided: string[] = [];
  for (const { id, text } of results) {
    const path = resultFile(id);
    try {
      // A result that was too long from the start lies there already, whole.
      if (!text.includes(path)) await writeWorkspaceText({ workbench, path, content: text, signal });
      elided.push(id);
    } catch {
      signal.throwIfAborted();
    }
  }
  return elided;
}

function firstMessage(facts: readonly Fact[], notes: string | null): string {
  const kept = facts.map(({ text }) => text).join("\n\n");
  const own =
    notes === null
      ? "There are no notes about it: look at the workspace, the plan and the scores, and go on."
      : `# Your notes on what was left out\n${notes}`;
  return `[ml-intern] The conversation was shortened. What follows is kept from the session's own records, and stands.\n\n${kept}\n\n${own}\n\nGo on with the next step.`;
}

/** Tokens of the next request after a plan: what the messages take now, in the proportion of their characters. */
function sizeAfter(state: SessionState, { summary, kept, elided }: Plan, before: number): number {
  const rest = summary === null ? state.messages : kept === 0 ? [] : state.messages.slice(-kept);
  const size = sizeOf(withoutAll(rest, elided)) + (summary?.length ?? 0);
  return Math.ceil((before * size) / Math.max(1, sizeOf(state.messages)));
}

async function count(
  { session, client, instructions, tools, signal }: CompactOptions,
  plan: Omit<Compaction, "tokens_after" | "facts">,
): Promise<number | null> {
  const event = { ...plan, tokens_after: 0, facts: { checked: 0, missing: [] } };
  const state = applyEvent(session.state, { type: "compacted", seq: 0, time: "", ...event });
  return countRequest(client, requestFor({ state, instructions, tools, maxTokens: 1 }), signal);
}
