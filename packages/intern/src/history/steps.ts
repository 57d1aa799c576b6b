import { toolCalls } from "../session/conversation.ts";
import { liveEvents } from "../session/live-events.ts";
import { SessionError } from "../session/session-error.ts";
import type { LoggedEvent } from "../session/session-event.ts";

/** A moment that one can go back to: just before a model call, or before a tool call of its answer. */
export interface Step {
  /** `12`: the twelfth model call; `12.2`: the second call of its answer. */
  readonly name: string;
  readonly time: string;
  /** What the model said, or what the call was. */
  readonly title: string;
  /** The last event before it. */
  readonly seq: number;
  /** The answer of which it is a call, where that was whole only later. */
  readonly answer: number | null;
  readonly undone: boolean;
}

const LONGEST = 100;

/** All steps, oldest first, with those that were undone. */
export function listSteps(events: readonly LoggedEvent[]): readonly Step[] {
  const live = new Set(liveEvents(events).map(({ seq }) => seq));
  const answers = answersOf(events);
  const names = new Map<string, string>();
  return events.flatMap((event): Step[] => {
    const { seq, time } = event;
    const step = { time, seq: seq - 1, undone: !live.has(seq) };
    if (event.type === "iteration_started") {
      const answer = answers.find((found) => found.seq > seq && found.iteration === event.iteration);
      for (const [index, { id }] of toolCalls(answer?.message.content ?? []).entries())
        names.set(id, `${event.iteration}.${index + 1}`);
      return [{ ...step, name: String(event.iteration), title: wordsOf(answer), answer: null }];
    }
    if (event.type !== "tool_started") return [];
    const name = names.get(event.id);
    const whole = answers.find(({ message }) => toolCalls(message.content).some(({ id }) => id === event.id));
    if (name === undefined || whole === undefined) return [];
    const title = oneLine(`${event.name} ${JSON.stringify(event.input)}`);
    return [{ ...step, name, title, answer: whole.seq > seq ? whole.seq : null }];
  });
}

/** The step of a name, one that counts before one that was undone; without a name the last model call that counts. */
export function findStep(events: readonly LoggedEvent[], name: string | null): Step {
  const steps = listSteps(events);
  const isMeant = (step: Step): boolean =>
    name === null ? !step.name.includes(".") && !step.undone : step.name === name;
  const step = steps.findLast((step) => isMeant(step) && !step.undone) ?? steps.findLast(isMeant);
  if (step !== undefined) return step;
  const first = events[0];
  const id = first?.type === "session_created" ? first.id : "SESSION";
  throw new SessionError(
    "session/no_such_step",
    name === null ? "There is no step yet." : `There is no step ${name}.`,
    { mend: `\`ml-intern sessions ${id}\` lists the steps.` },
  );
}

type Answer = Extract<LoggedEvent, { type: "assistant_message" }>;

function answersOf(events: readonly LoggedEvent[]): readonly Answer[] {
  return events.filter((event) => event.type === "assistant_message");
}

function wordsOf(answer: Answer | undefined): string {
  const texts = answer?.message.content.flatMap((block) => (block.type === "text" ? [block.text] : [])) ?? [];
  const calls = toolCalls(answer?.message.content ?? []).map(({ name }) => name);
  return oneLine(texts.join(" ")) || (calls.length > 0 ? calls.join(", ") : "(no answer)");
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
