import type { Notice } from "./notice.ts";

const WINDOW_MS = 10 * 60_000;
const MOST = 6;

/**
 * Lets each notice through once, and of one kind six in ten minutes; the next that passes says how many were held back.
 * The end of a task always passes.
 */
export class NoticeGate {
  readonly #seen = new Set<string>();
  readonly #passed = new Map<Notice["kind"], number[]>();
  readonly #held = new Map<Notice["kind"], number>();

  /** The notice as it is to be sent, or null. `now` is in milliseconds. */
  admit(notice: Notice, now: number): Notice | null {
    const { id, kind, text } = notice;
    if (this.#seen.has(id)) return null;
    this.#seen.add(id);
    const recent = (this.#passed.get(kind) ?? []).filter((time) => now - time < WINDOW_MS);
    const held = this.#held.get(kind) ?? 0;
    if (recent.length >= MOST && kind !== "failed" && kind !== "finished") {
      this.#held.set(kind, held + 1);
      return null;
    }
    this.#passed.set(kind, [...recent, now]);
    this.#held.set(kind, 0);
    return held === 0 ? notice : { ...notice, text: `${text} (${held} before it were held back.)` };
  }
}
