/** Works on a session of steps until it is killed, or done: `killed-process.ts HOME STEPS [SESSION]`. */
import { workOnSteps } from "./stepping-session.ts";

const [home = "", steps = "0", id] = process.argv.slice(2);
const { outcome } = await workOnSteps({
  ...{ home, id: id ?? null, steps: Number(steps), resultCharacters: 9_000, lingerMs: 4 },
  onSession: (session) => {
    process.send?.({ id: session.state.id, directory: session.paths.directory });
  },
});
process.send?.({ outcome });
