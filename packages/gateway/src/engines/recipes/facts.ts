import type { MessagesRequest } from "@ml-intern/messages";
import { chooseCandidates } from "./candidates.ts";
import { type Conversation, readConversation } from "./conversation.ts";
import { readContract, readReport } from "./lab-documents.ts";
import type { Contract, DataReport } from "./lab-types.ts";
import { firstScore, meanScore, readSubmissions, readTrial, type Submission, type Trial } from "./trials.ts";

/** All that the stages know, derived from the conversation alone. */
export interface Facts {
  readonly conversation: Conversation;
  readonly tools: ReadonlySet<string>;
  readonly maxTokens: number;
  readonly report: DataReport | null;
  readonly contract: Contract | null;
  /** Paths that `write` has written. */
  readonly written: ReadonlySet<string>;
  /** The simplest candidate first; empty before the contract is fixed. */
  readonly trials: readonly Trial[];
  readonly submissions: readonly Submission[];
}

export function readFacts(request: MessagesRequest): Facts {
  const conversation = readConversation(request);
  const report = lastDocument(conversation, ["inspect_data"], readReport);
  const contract = lastContract(conversation, report);
  const submissions = readSubmissions(conversation);
  return {
    conversation,
    tools: new Set((request.tools ?? []).flatMap(({ name }) => name ?? [])),
    maxTokens: request.max_tokens,
    report,
    contract,
    written: writtenPaths(conversation),
    trials:
      contract === null
        ? []
        : chooseCandidates(contract).map((candidate) => readTrial(candidate, conversation, submissions)),
    submissions,
  };
}

/** The best candidate by verified mean; the simpler one wins a tie. Null before the first verified score. */
export function leader({ trials, contract }: Facts): Trial | null {
  const sign = contract?.direction === "minimize" ? -1 : 1;
  const scored = trials.filter((trial) => firstScore(trial) !== null);
  return scored.reduce<Trial | null>(
    (best, trial) => (best === null || sign * (meanScore(trial) - meanScore(best)) > 0 ? trial : best),
    null,
  );
}

/** The newest run was refused for want of budget: there will be no other, and what is verified has to do. */
export function isBudgetSpent({ conversation }: Facts): boolean {
  const outcome = conversation.exchanges.findLast(({ name }) => name === "start_run")?.outcome;
  return outcome?.kind === "failed" && outcome.failure.code === "budget/spent";
}

export function targetReached({ trials, contract }: Pick<Facts, "trials" | "contract">): boolean {
  const wanted = contract?.stop.target_value ?? null;
  if (contract === null || wanted === null) return false;
  return trials.some((trial) => {
    const value = firstScore(trial)?.value;
    if (value === undefined) return false;
    return contract.direction === "minimize" ? value <= wanted : value >= wanted;
  });
}

function lastContract(conversation: Conversation, report: DataReport | null): Contract | null {
  const contract = lastDocument(conversation, ["propose_contract", "read"], readContract);
  if (contract === null || contract.feature_count > 0 || report === null) return contract;
  return { ...contract, feature_count: report.columns.length + report.columns_omitted };
}

function lastDocument<Document>(
  { exchanges }: Conversation,
  names: readonly string[],
  read: (text: string) => Document | null,
): Document | null {
  for (const { name, outcome } of [...exchanges].reverse()) {
    if (!names.includes(name) || outcome.kind !== "ok") continue;
    const document = read(outcome.text);
    if (document !== null) return document;
  }
  return null;
}

function writtenPaths({ exchanges }: Conversation): Set<string> {
  return new Set(
    exchanges
      .filter(({ name, outcome }) => name === "write" && outcome.kind === "ok")
      .map(({ input }) => String(input.path)),
  );
}
