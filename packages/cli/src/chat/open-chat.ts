import { setTimeout as delay } from "node:timers/promises";
import type { Session } from "@ml-intern/intern";
import { describeFailure } from "@ml-intern/intern/failures";
import type { WorkOptions } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { InkFace } from "../terminal/ink/ink-face.ts";
import { InputHistory } from "../terminal/ink/input-history.ts";
import { askForSession } from "./ask-for-session.ts";
import type { Talk } from "./talk.ts";

/** By then the first frame stands. */
const FIRST_FRAME_MS = 60;

/** Opens the face, then what is behind it, and keeps both until the person leaves. */
export async function openChat(
  session: Session | null,
  options: WorkOptions,
  context: CommandContext,
): Promise<number> {
  let talking: Talk | null = null;
  const history = await InputHistory.open(context.home);
  const face = new InkFace({
    stdin: process.stdin,
    stdout: process.stdout,
    style: context.style,
    history,
    onFailure: (error) => {
      const { message } = describeFailure(error);
      context.error(`ml-intern: the terminal face broke: ${message}\n  Going on in plain text.\n`);
      talking?.goPlain();
    },
  });
  face.open();
  // Most of the program is behind this: the person can read and write meanwhile.
  const loading = delay(FIRST_FRAME_MS).then(() => import("./talk.ts"));
  loading.catch(() => undefined); // awaited below, unless the person leaves before
  try {
    const begun = session ?? (await askForSession(face, { task: null, options, context }));
    if (begun === null) return EXIT.published;
    const { Talk } = await loading;
    await using talk = new Talk({ face, session: begun, options, context });
    talking = talk;
    return await talk.run();
  } finally {
    face.close();
    await history.written();
  }
}
