import type { AskedCall } from "@ml-intern/intern";
import type { ContractProposal } from "@ml-intern/lab";
import { dollars } from "./format.ts";
import { withoutControls } from "./plain-text.ts";

/** A call that waits for the person's word, as they should see it. Nothing in it can steer the terminal. */
export interface CallDescription {
  /** What they are asked. */
  readonly question: string;
  /** Why they are asked, and what the call would reach and cost. */
  readonly facts: string;
  /** What the call would do. */
  readonly lines: readonly string[];
}

export function describeCall(call: AskedCall): CallDescription {
  const { question, lines } = contentOf(call);
  return {
    question: withoutControls(question),
    facts: withoutControls(factsOf(call)),
    lines: lines.flatMap((line) => withoutControls(line).split("\n")),
  };
}

function contentOf({ tool, origin, input, target, hosts }: AskedCall): {
  readonly question: string;
  readonly lines: readonly string[];
} {
  const isOurs = origin === "built-in";
  if (isOurs && tool === "propose_contract")
    // The tool's schema has parsed it.
    return { question: "Fix these terms?", lines: termsOf(input as unknown as ContractProposal) };
  if (isOurs && tool === "publish_model" && target !== null)
    return { question: `Publish the model to https://${hosts[0]}/${target.name}?`, lines: [] };
  // No call: what is asked before anything is spent.
  if (isOurs && tool === "go_on_without_price") return { question: "Go on all the same?", lines: [] };
  // Line breaks in texts are shown as such; a backslash that is meant stays one.
  const text = JSON.stringify(input, null, 2).replaceAll(/\\\\|\\n/g, (part) =>
    part === "\\n" ? "\n" : part,
  );
  return { question: `Allow ${tool}${isOurs ? "" : ` (${origin})`}?`, lines: [text] };
}

function termsOf({ target, task_type, metric, split, exclude }: ContractProposal): string[] {
  return [
    `predict ${target} (${task_type})`,
    `metric ${metric ?? "by the lab's choice"}`,
    `split ${split === undefined ? "by the lab's choice" : [split.kind, split.column].filter(Boolean).join(" by ")}`,
    ...(exclude ?? []).map(({ column, reason }) => `without ${column}: ${reason}`),
  ];
}

function factsOf({ why, estimated_usd, hosts, target }: AskedCall): string {
  const facts = [
    why,
    estimated_usd === null ? "cost unknown" : estimated_usd > 0 ? `about ${dollars(estimated_usd)}` : "",
    hosts === "any" ? "may reach any host" : hosts.length > 0 ? `reaches ${hosts.join(", ")}` : "",
    target === null ? "" : `writes to ${target.name} (${target.visibility})`,
  ];
  return facts.filter((fact) => fact !== "").join(" · ");
}
