import type { Exchange } from "../conversation.ts";
import type { Contract } from "../lab-types.ts";
import type { Move } from "../move.ts";
import type { Stage } from "../stage.ts";

/** What the recipes are made of: as it is imported, and as its documentation is called. */
const IMPORTED = "sklearn";
const DOCUMENTED = "scikit-learn";

/**
 * Looks up in the documentation of what is installed how such data are split. The recipes were written for pinned versions, so
 * that no answer stands in their way.
 */
export const lookUpStage: Stage = {
  title: "Look up what is installed",
  next({ contract, written, conversation, tools }) {
    if (contract === null || written.size > 0 || !tools.has("docs")) return null;
    const asked = conversation.exchanges.filter(({ name }) => name === "docs");
    if (asked.some(({ outcome }) => outcome.kind === "failed")) return null;
    const kept = answerTo("list", asked);
    if (kept === null) return list();
    if (!kept.includes(`${DOCUMENTED}:`) && answerTo("add", asked) === null) return add();
    return answerTo("search", asked) === null ? search(contract) : null;
  },
};

function answerTo(operation: string, asked: readonly Exchange[]): string | null {
  const exchange = asked.findLast(
    ({ input, outcome }) => input.operation === operation && outcome.kind === "ok",
  );
  return exchange?.outcome.kind === "ok" ? exchange.outcome.text : null;
}

function list(): Move {
  return {
    text: "Before I write code I look at the documentation that is kept here: of what is installed, not of what I may remember.",
    calls: [{ name: "docs", input: { operation: "list" } }],
  };
}

function add(): Move {
  return {
    text: `${DOCUMENTED} is not among it yet. Its docstrings are, in the sandbox: they are of the very version that will run.`,
    calls: [{ name: "docs", input: { operation: "add", package: IMPORTED } }],
  };
}

function search({ split, task_type }: Contract): Move {
  const query = `${QUERIES[split.kind] ?? QUERIES.random} for ${task_type}`;
  return {
    text: `Now I look up what the search inside the training rows has to respect: ${query}.`,
    calls: [{ name: "docs", input: { operation: "search", query, limit: 3 } }],
  };
}

/** A split inside the training rows has to be of the contract's kind. */
const QUERIES: Readonly<Record<string, string>> = {
  random: "cross-validation with shuffled folds",
  stratified: "stratified cross-validation that keeps the share of each class",
  group: "cross-validation with groups that never appear in two folds",
  time: "time series split for cross-validation",
};
