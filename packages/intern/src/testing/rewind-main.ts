import { rewind } from "../history/rewind.ts";
import { findStep } from "../history/steps.ts";
import { Session } from "../session/session-store.ts";

/** Takes a session back to a step. A program, so that a test can kill it. */
const [home = "", id = "", step = ""] = process.argv.slice(2);
const session = await Session.open(home, id);
process.stdout.write("begins\n");
await rewind({
  ...{ session, home },
  step: findStep(await session.past(), step),
  signal: new AbortController().signal,
});
process.stdout.write("done\n");
