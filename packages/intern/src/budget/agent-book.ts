import { type Amount, mapResources, NOTHING, plus, type Resource } from "./amount.ts";
import type { BudgetCarved } from "./budget-entry.ts";

/** A sub-agent's part of the book. */
export interface AgentBook {
  readonly agent: string;
  /** By itself and by those that it started. */
  readonly spent: Amount;
  /** What was carved for it; null where nothing was. */
  readonly most: Readonly<Record<Resource, bigint | null>> | null;
}

/** A carve that is there stays as it is. */
export function carvedFor(agents: readonly AgentBook[], { agent, most }: BudgetCarved): readonly AgentBook[] {
  const limits = mapResources((resource) => (most[resource] === null ? null : BigInt(most[resource])));
  return change(agents, agent, (before) => ({ ...before, most: before.most ?? limits }));
}

export function spentBy(
  agents: readonly AgentBook[],
  { agent, amount }: { readonly agent: string; readonly amount: Amount },
): readonly AgentBook[] {
  return lineage(agent).reduce(
    (all, each) => change(all, each, (before) => ({ ...before, spent: plus(before.spent, amount) })),
    agents,
  );
}

/** A sub-agent and those above it up to the session's own agent, which is not one of them: `main/a:1/b:2` is of `main/a:1`. */
export function lineage(agent: string): readonly string[] {
  const names = agent.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 2).join("/"));
}

function change(
  agents: readonly AgentBook[],
  agent: string,
  to: (before: AgentBook) => AgentBook,
): readonly AgentBook[] {
  const index = agents.findIndex((each) => each.agent === agent);
  const after = to(agents[index] ?? { agent, spent: NOTHING, most: null });
  return index === -1 ? [...agents, after] : agents.with(index, after);
}
