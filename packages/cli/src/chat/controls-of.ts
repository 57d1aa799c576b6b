import {
  budgetReport,
  createTools,
  findStep,
  forkSession,
  resolveModel,
  rewind,
  Session,
} from "@ml-intern/intern";
import { listModels } from "../commands/list-models.ts";
import { Picker } from "../terminal/ink/picker.ts";
import type { SessionControls } from "../terminal/ink/session-controls.ts";
import { askForSession } from "./ask-for-session.ts";
import type { Talk } from "./talk.ts";

/** What slash commands can do with the session that is in front of the person now. */
export function controlsOf(talk: Talk): SessionControls {
  const { context, face, session } = talk;
  const { home, style } = context;
  const { signal } = new AbortController();
  return {
    ...{ session, home, style },
    working: talk.working,
    print: (lines) => talk.print(lines),
    pick: (title, choices) => face.ask(new Picker(title, choices)),
    models: async () => (await listModels(context)).flatMap(({ ids }) => ids),
    async takeModel(name) {
      const { model } = await resolveModel({ wanted: name, place: context, signal });
      await session.append({ type: "options_changed", options: { model } });
      return model;
    },
    async changeOptions(options) {
      await session.append({ type: "options_changed", options });
    },
    budget: () => budgetReport(session.state, context),
    async compact() {
      await session.append({ type: "compaction_asked" });
      talk.print([style.dim("The conversation is shortened before the model's next answer.")]);
    },
    tools: createTools,
    async begin(task) {
      const options = { ...talk.options, data: null, target: null };
      const begun = await askForSession(face, { task, options, context });
      if (begun !== null) talk.do({ kind: "session", session: begun, starts: true });
    },
    async resume(id) {
      talk.do({ kind: "session", session: await Session.open(home, id), starts: true });
    },
    async undo(name) {
      const step = findStep(await session.past(), name);
      await rewind({ session, step, home, signal });
      face.take(session.state);
      return `The session stands before step ${step.name}: ${step.title}. What was spent stays spent.`;
    },
    async fork(name) {
      const step = name === null ? null : findStep(await session.past(), name);
      const id = await forkSession({ session, step, home, signal });
      talk.do({ kind: "session", session: await Session.open(home, id), starts: false });
    },
    quit: () => talk.quit(),
  };
}
