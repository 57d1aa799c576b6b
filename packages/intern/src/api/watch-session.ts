import type { SessionEvent } from "../session/session-event.ts";
import { readSession } from "../session/session-store.ts";
import type { SessionRunner } from "./session-runner.ts";

/** Passing events that a slow watcher may fall behind before it loses them; kept ones are never lost. */
const BACKLOG = 10_000;

/**
 * The events of a session after `after`, then what happens while it works here; ends when it rests. No event is lost
 * or doubled between the past and the present: the subscription begins before the log is read.
 */
export async function* watchSession(options: {
  readonly home: string;
  readonly id: string;
  readonly runner: SessionRunner;
  readonly after: number;
  readonly signal: AbortSignal;
}): AsyncGenerator<SessionEvent> {
  const { home, id, runner, signal } = options;
  const queue: SessionEvent[] = [];
  let wake: () => void = () => undefined;
  let last = options.after;
  const unsubscribe = runner.subscribe(id, (event) => {
    if ("seq" in event || queue.length < BACKLOG) queue.push(event);
    wake();
  });
  const onAbort = (): void => wake();
  signal.addEventListener("abort", onAbort);
  // Work that dies without a last event must not leave its watcher waiting.
  void runner.whenAtRest(id).then(() => wake());
  try {
    for (const event of (await readSession(home, id))?.events ?? []) {
      if (event.seq <= last) continue;
      last = event.seq;
      yield event;
    }
    while (unsubscribe !== null && !signal.aborted) {
      const event = queue.shift();
      if (event === undefined) {
        if (!runner.isWorking(id)) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if ("seq" in event) {
        if (event.seq <= last) continue;
        last = event.seq;
      }
      yield event;
      if (event.type === "turn_finished") return;
    }
  } finally {
    unsubscribe?.();
    signal.removeEventListener("abort", onAbort);
  }
}
