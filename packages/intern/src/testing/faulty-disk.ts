import { open } from "node:fs/promises";
import { onTestFinished, vi } from "vitest";

/** What a test does to the syncs of this process until it ends: each waits for `before`, and fails as it does. */
export async function faultyDisk(before: () => Promise<void>): Promise<void> {
  const probe = await open("/dev/null");
  const handles = Object.getPrototypeOf(probe) as typeof probe;
  await probe.close();
  const datasync = handles.datasync;
  const spy = vi.spyOn(handles, "datasync").mockImplementation(async function (this: typeof probe) {
    await before();
    await datasync.call(this);
  });
  onTestFinished(() => spy.mockRestore());
}

export function diskIsFull(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
}
