/** Messages after a poll in which one may look around. */
const EXCUSED = 3;
/** Jobs whose newest answer is remembered. */
const JOBS = 1_000;

/** Whether the session waits for work that goes on elsewhere: while it does, looking again is no repetition. */
export class Waiting {
  readonly #answers = new Map<number, number>();
  #excused = 0;

  /** A poll that is answered as before says that there is nothing to do but wait; any other answer ends the waiting. */
  poll(call: number, answer: number): void {
    this.#excused = this.#answers.get(call) === answer ? EXCUSED : 0;
    this.#answers.delete(call);
    this.#answers.set(call, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > JOBS && oldest !== undefined) this.#answers.delete(oldest);
  }

  /** Whether the message that was just answered belongs to the waiting. */
  excuses(): boolean {
    if (this.#excused === 0) return false;
    this.#excused--;
    return true;
  }
}
