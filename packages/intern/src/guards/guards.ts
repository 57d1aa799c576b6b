import { canonicalInput } from "./canonical-input.ts";
import { describeCall, purposeOf } from "./describe-call.ts";
import { type ErrorClass, errorClassOf } from "./error-class.ts";
import type { Firing, GuardName, GuardStep, Level } from "./guard-step.ts";
import { firingOf, type Trouble } from "./guidance.ts";
import { hashText } from "./hash-text.ts";
import { type Novelty, NoveltyJudge } from "./novelty.ts";
import { Repeats } from "./repeats.ts";
import { SameErrors } from "./same-errors.ts";
import { steadyText } from "./steady-text.ts";
import { Waiting } from "./waiting.ts";

/** Answered messages in a row that bring nothing new. */
const IDLE = 12;

/** A step with what every guard wants to know of it. */
interface Answered {
  readonly step: GuardStep;
  readonly steady: string;
  readonly error: ErrorClass | null;
}

/**
 * Watches a session for going round in circles. It depends on nothing but the steps it is shown, so a session that is taken
 * up again shows it the steps of its log and goes on as if undisturbed. Memory is bounded, however long the session.
 */
export class Guards {
  readonly #novelty = new NoveltyJudge();
  readonly #repeats = new Repeats();
  readonly #errors = new SameErrors();
  readonly #waiting = new Waiting();
  #messages = 0;
  #idle = 0;
  /** The newest firing, unless progress followed. */
  #last: { readonly guard: GuardName; readonly level: Level } | null = null;

  /**
   * Takes in all calls of one assistant message, answered, in order. A firing is meant for the model's next request. The
   * same trouble fires again, one level higher, only when it has built up anew without progress in between; after the
   * third level, at which the turn should end, it begins with the first. Polling never fires.
   */
  watch(answers: readonly GuardStep[]): Firing | null {
    this.#errors.forget(++this.#messages);
    const steps = answers.map((step) => ({
      step,
      steady: steadyText(step.content),
      error: errorClassOf(step),
    }));
    const novelties = steps.map(({ step, steady, error }) => this.#novelty.judge(step, steady, error));
    this.#noteProgress(novelties);

    const polls = steps.filter(isPoll);
    for (const { step, steady } of polls) this.#waiting.poll(callKey(step), hashText(steady));
    const work = steps.filter((step) => !isPoll(step));
    if (work.length === 0) return null;
    const isExcused = this.#waiting.excuses();

    let trouble: Trouble | null = null;
    for (const step of work) {
      if (!isExcused) trouble ??= this.#repeated(step);
      trouble ??= this.#failedAgain(step);
    }
    if (novelties.some((novelty) => novelty !== null)) this.#idle = 0;
    else if (!isExcused && ++this.#idle >= IDLE) trouble ??= { guard: "no_progress", messages: IDLE };
    return trouble && this.#fire(trouble);
  }

  /** Edits and readings alone do not end an error that comes back after each of them. */
  #noteProgress(novelties: readonly Novelty[]): void {
    const isOutcome = novelties.includes("outcome");
    if (isOutcome) this.#errors.clear();
    if (isOutcome || (novelties.includes("content") && this.#last?.guard !== "same_error")) this.#last = null;
  }

  #repeated({ step, steady, error }: Answered): Trouble | null {
    const key = hashText(`${callKey(step)} ${step.isError} ${steady}`);
    this.#repeats.add({ key, call: describeCall(step), isTransient: error?.transient ?? false });
    return this.#repeats.find();
  }

  #failedAgain({ step, error }: Answered): Trouble | null {
    if (error === null) this.#errors.settle(purposeOf(step));
    // What may pass by itself may be tried again: the other guards see to it that this has an end.
    if (error === null || error.transient) return null;
    this.#errors.add(error, purposeOf(step), this.#messages);
    const times = this.#errors.tooOften(error);
    return times === null ? null : { guard: "same_error", error: error.name, times };
  }

  #fire(trouble: Trouble): Firing {
    this.#repeats.clear();
    this.#errors.clear();
    this.#idle = 0;
    const level = NEXT[this.#last?.level ?? 3];
    this.#last = { guard: trouble.guard, level };
    return firingOf(trouble, level);
  }
}

const NEXT = { 1: 2, 2: 3, 3: 1 } as const satisfies Record<Level, Level>;

/** A poll that fails is a failed call like any other. */
function isPoll({ step, error }: Answered): boolean {
  return step.role === "poll" && error === null;
}

function callKey({ name, input }: GuardStep): number {
  return hashText(`${name} ${canonicalInput(input)}`);
}
