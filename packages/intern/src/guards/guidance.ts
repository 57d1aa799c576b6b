import type { Firing, GuardName, Level } from "./guard-step.ts";

/** What a guard found. */
export type Trouble =
  | {
      readonly guard: "repetition";
      readonly call: string;
      readonly times: number;
      readonly isTransient: boolean;
    }
  | { readonly guard: "cycle"; readonly calls: readonly string[] }
  | { readonly guard: "same_error"; readonly error: string; readonly times: number }
  | { readonly guard: "no_progress"; readonly messages: number };

/** What is said about it: to the model, which should do something else, and to the log. */
export function firingOf(trouble: Trouble, level: Level): Firing {
  const [fact, advice] = describe(trouble);
  const again = level === 1 ? "" : ` (${level === 2 ? "second" : "third"} time without progress)`;
  return {
    guard: trouble.guard,
    level,
    guidance: `[ml-intern] ${fact} ${level === 1 ? advice : INSIST[level]}`,
    summary: `${TITLE[trouble.guard]}: ${inShort(trouble)}${again}`,
  };
}

const TITLE: Readonly<Record<GuardName, string>> = {
  repetition: "the same call",
  cycle: "in a circle",
  same_error: "the same error",
  no_progress: "no progress",
};

const INSIST = {
  2: "You were told and nothing has changed since. Say in one sentence why the last attempts could not work. Then leave this step: mark it as skipped in the plan and take one that does not depend on it, or do it in another way altogether.",
  3: "This is the third time, so the work stops here. Make no more calls. Write the hand-over for the person: what is done and where it lies, the best result so far, what stands in the way, and what you would try next.",
} as const;

function describe(trouble: Trouble): readonly [fact: string, advice: string] {
  switch (trouble.guard) {
    case "repetition":
      return [
        `You made the same call ${trouble.times} times and got the same answer: ${trouble.call}.`,
        trouble.isTransient
          ? "The other side does not answer, and may not for long. Go on with what does not need it, or find another source."
          : "Asking again will not change the answer. Use what it says, or first change what it depends on: the arguments, a file, the approach.",
      ];
    case "cycle":
      return [
        `You go round in a circle, with the same answers each time: ${trouble.calls.join(" → ")} → and again.`,
        "Each round undoes or repeats the one before. Decide what these answers say, keep one state, and take a step that is not in the circle.",
      ];
    case "same_error":
      return [
        `The same error came up in ${trouble.times} of your last steps: ${trouble.error}.`,
        "Variations of one attempt do not help. Read the whole error, test the assumption behind it by looking (does the file, the column, the name, the shape exist as you think?), and then change the cause.",
      ];
    case "no_progress":
      return [
        `Your last ${trouble.messages} steps brought nothing new: no new file content, no new metric, no new error.`,
        "Name the one thing that would change the result, and do that next; if there is none, go on to the next step of the plan.",
      ];
    default:
      return trouble satisfies never;
  }
}

function inShort(trouble: Trouble): string {
  switch (trouble.guard) {
    case "repetition":
      return `${trouble.call}, ${trouble.times} times with the same answer`;
    case "cycle":
      return `${trouble.calls.length} calls, again and again, beginning with ${trouble.calls[0]}`;
    case "same_error":
      return `${trouble.error}, ${trouble.times} times`;
    case "no_progress":
      return `nothing new in ${trouble.messages} steps`;
    default:
      return trouble satisfies never;
  }
}
