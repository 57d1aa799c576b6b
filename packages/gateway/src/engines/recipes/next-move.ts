import type { MessagesRequest } from "@ml-intern/messages";
import { type Facts, readFacts } from "./facts.ts";
import { type Move, type PlannedCall, say } from "./move.ts";
import { planCall } from "./plan-call.ts";
import type { Stage } from "./stage.ts";
import { checkStage } from "./stages/check-stage.ts";
import { contractStage } from "./stages/contract-stage.ts";
import { inspectStage } from "./stages/inspect-stage.ts";
import { lookUpStage } from "./stages/look-up-stage.ts";
import { noiseStage } from "./stages/noise-stage.ts";
import { publishStage } from "./stages/publish-stage.ts";
import { refitStage } from "./stages/refit-stage.ts";
import { selectionStage } from "./stages/selection-stage.ts";
import { summarise } from "./stages/summary.ts";
import { testStage } from "./stages/test-stage.ts";
import { baselineStage, candidatesStage } from "./stages/trial-stage.ts";
import { writeStage } from "./stages/write-stage.ts";

const STAGES: readonly Stage[] = [
  inspectStage,
  contractStage,
  lookUpStage,
  writeStage,
  checkStage,
  baselineStage,
  candidatesStage,
  noiseStage,
  selectionStage,
  refitStage,
  testStage,
  publishStage,
];
const NEEDED_TOOLS = ["inspect_data", "propose_contract", "write", "start_run", "submit_for_evaluation"];

const WHO =
  "I am ml-intern's offline recipe engine: fixed rules, no language model. I train tables, texts and small images by recipes that were written beforehand, and I quote a number as verified only when the evaluator measured it.";
const PLAIN_CHAT =
  'I cannot talk freely. With the intern\'s tools at hand I take a data file through a fixed course: look at the data, fix a contract, train a baseline and a few model families, have each one scored by the evaluator, refit, score once on the sealed test and publish. Run `ml-intern "<task>" --data FILE`, or choose another model for a conversation (`ml-intern models` lists them).';

/**
 * The policy: the next move, derived from the conversation alone. The first stage that has something left to do
 * decides; when none has, the work is done and the move is the summary.
 */
export function nextMove(request: MessagesRequest): Move {
  const facts = readFacts(request);
  const move = NEEDED_TOOLS.every((name) => facts.tools.has(name)) ? nextWork(facts) : say(PLAIN_CHAT);
  const text = facts.conversation.opening ? `${WHO}\n\n${move.text}` : move.text;
  return { text, calls: allowedCalls(move.calls, request) };
}

function nextWork(facts: Facts): Move {
  for (const [index, stage] of STAGES.entries()) {
    const move = stage.next(facts);
    if (move === null) continue;
    const plan = move.calls.length === 0 ? null : planCall(STAGES, index, facts);
    return plan === null ? move : { text: move.text, calls: [plan, ...move.calls] };
  }
  const closing = planCall(STAGES, STAGES.length, facts);
  const finished = facts.conversation.exchanges.at(-1)?.name === "publish_model";
  return closing !== null && finished ? { text: "All steps are done.", calls: [closing] } : summarise(facts);
}

/** With one call at a time the plan gives way: the work must go on. */
function allowedCalls(
  calls: readonly PlannedCall[],
  { tool_choice }: MessagesRequest,
): readonly PlannedCall[] {
  if (tool_choice?.type === "none") return [];
  if (tool_choice?.disable_parallel_tool_use !== true) return calls;
  const [first] = calls.filter(({ name }) => name !== "plan");
  return first === undefined ? calls.slice(0, 1) : [first];
}
