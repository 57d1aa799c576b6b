/**
 * Where a process ends itself, beside the SIGKILL that comes from outside at any time:
 * - `taken`: right after the nth event of its life was taken in, before the disk has it
 * - `shown`: when the nth event was shown, so that the disk has it
 * - `effect`: in the middle of the nth step, whose effect is there and whose result is not
 */
export type KillPoint =
  | { readonly kind: "taken" | "shown" | "effect"; readonly nth: number }
  | { readonly kind: "none" };

/** No `finally`, no flush: as a power failure of this process alone. */
export function killSelf(): void {
  process.kill(process.pid, "SIGKILL");
}
