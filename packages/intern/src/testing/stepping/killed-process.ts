/** Works on a session of steps until it is killed, or done: `killed-process HOME STEPS KILL-POINT [SESSION]`. */
import { type KillPoint, killSelf } from "./kill-point.ts";
import { workOnSteps } from "./stepping-session.ts";

/** What it tells its parent. */
export type LifeSign =
  | { readonly kind: "opened"; readonly id: string; readonly directory: string }
  | { readonly kind: "shown"; readonly seq: number }
  | { readonly kind: "ended"; readonly outcome: string };

const [home = "", steps = "0", json = "", id = null] = process.argv.slice(2);
const point = JSON.parse(json) as KillPoint;
const tell = (sign: LifeSign): void => void process.send?.(sign);
const counted = (kind: KillPoint["kind"]): (() => void) => {
  let left = point.kind !== "none" && point.kind === kind ? point.nth : Infinity;
  return () => --left === 0 && killSelf();
};

const { outcome } = await workOnSteps({
  ...{ home, id, steps: Number(steps), resultCharacters: 9_000, lingerMs: 4 },
  onEffect: counted("effect"),
  onSession: (session) => {
    tell({ kind: "opened", id: session.state.id, directory: session.paths.directory });
    session.follow(counted("taken"));
    const shown = counted("shown");
    session.subscribe((event) => {
      if (!("seq" in event)) return;
      tell({ kind: "shown", seq: event.seq });
      shown();
    });
  },
});
tell({ kind: "ended", outcome });
