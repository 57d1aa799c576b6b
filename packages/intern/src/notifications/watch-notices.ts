import type { Session } from "../session/session-store.ts";
import { noticesOf } from "./notices-of.ts";
import type { Notifier } from "./open-notifier.ts";

/** Notifies of what happens in a session from now on, until it is disposed of. */
export function watchNotices(session: Session, notifier: Notifier): Disposable {
  const stop = session.subscribe((event) => {
    if (!("seq" in event)) return;
    try {
      for (const notice of noticesOf(event, session.state)) notifier.notify(notice);
    } catch {
      // A record of a shape that is not known is no reason to stop the work that it belongs to.
    }
  });
  return { [Symbol.dispose]: stop };
}
