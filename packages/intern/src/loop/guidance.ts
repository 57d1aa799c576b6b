import type { SessionState } from "../session/session-state.ts";

/** Words of ours to the model. They stand in the conversation as user messages and say who speaks. */
export const TAKEN_UP = "[ml-intern] The person asks you to go on from here.";

export const EMPTY_REPLY =
  "[ml-intern] Your reply was empty. Make the next tool call, or say in one paragraph what stands in the way.";

export const REPLY_CUT_OFF =
  "[ml-intern] Your reply was cut off by the output limit. Go on with the next tool call, and keep words short.";

export const FINISH =
  "[ml-intern] The budget for trying is spent; what is kept back pays for finishing. Submit the best model on the test set if that is not done, publish it with `publish_model`, and end with the summary. Start nothing else.";

/** Open steps that a reminder names. */
const NAMED_STEPS = 4;

/** To a model that stops before anything is published: what its own plan, and the contract, still ask for. */
export function nudgeFor({ plan, records }: SessionState): string {
  const open = plan.filter(({ status }) => status === "pending" || status === "active");
  const missing = [
    records.contract === undefined && "no contract is fixed",
    records.run === undefined && "nothing was run",
    records.evaluation === undefined && "no score is verified",
    "nothing is published",
  ].filter((text) => text !== false);
  const steps = open.slice(0, NAMED_STEPS).map(({ title }) => `- ${title}`);
  const rest = open.length > NAMED_STEPS ? [`- and ${open.length - NAMED_STEPS} more`] : [];
  const plans = steps.length === 0 ? "" : `\nOpen steps of your plan:\n${[...steps, ...rest].join("\n")}`;
  return `[ml-intern] The task is not done: ${missing.join(", ")}.${plans}
Go on with the next tool call, or, if it cannot be done, say in one paragraph what stands in the way and what the person can do.`;
}
