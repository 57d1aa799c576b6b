import type { Session } from "../session/session-store.ts";

/** The model that the person chooses while a sub-agent is at work holds for it, too; until it is disposed of. */
export function handOnModel({ from, to }: { readonly from: Session; readonly to: Session }): Disposable {
  const take = (): void => {
    const { model } = from.state.options;
    if (model === to.state.options.model) return;
    void to.append({ type: "options_changed", options: { model } }).catch(() => undefined); // its turn ends by itself then
  };
  const stop = from.follow((event) => {
    if (event.type === "options_changed") take();
  });
  take();
  return { [Symbol.dispose]: stop };
}
