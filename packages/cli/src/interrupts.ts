import { EXIT } from "./exit-code.ts";

export interface Interrupts extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Ctrl-C once aborts the signal, so that work stops where it can be taken up again; twice quits at once (what runs in
 * a sandbox dies with this process). SIGTERM counts as the first.
 */
export function watchInterrupts(options: { readonly onFirst: () => void }): Interrupts {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.quit);
    options.onFirst();
    controller.abort(new DOMException("stopped by the person", "AbortError"));
  };
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onInterrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", onInterrupt);
      process.off("SIGTERM", onInterrupt);
    },
  };
}
