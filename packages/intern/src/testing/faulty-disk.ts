import { open } from "node:fs/promises";
import { onTestFinished, vi } from "vitest";

/** What a test does to this process's logs until it ends: each write waits for `before`, and fails as it does. */
export async function faultyDisk(before: () => Promise<void>): Promise<void> {
  const probe = await open("/dev/null");
  const handles = Object.getPrototypeOf(probe) as typeof probe;
  await probe.close();
  const appendFile = handles.appendFile;
  const spy = vi.spyOn(handles, "appendFile").mockImplementation(async function (
    this: typeof probe,
    ...line
  ) {
    await before();
    await appendFile.apply(this, line);
  });
  onTestFinished(() => spy.mockRestore());
}

export function diskIsFull(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
}
