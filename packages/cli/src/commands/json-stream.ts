import type { SessionEvent } from "@ml-intern/intern";
import type { CommandContext } from "../command-context.ts";

/** Characters that may wait for the reader before output of tools is left out. */
const MOST_WAITING = 8 * 1024 ** 2;

/**
 * Writes events as lines of JSON. Every event is written, but output of tools that a reader falls far behind with: it is kept
 * nowhere else, and must not fill the memory.
 */
export function jsonStream({
  out,
  drained,
}: Pick<CommandContext, "out" | "drained">): (event: SessionEvent) => void {
  let waiting = 0;
  let isWatched = false;
  const watch = async (): Promise<void> => {
    await drained();
    waiting = 0;
    isWatched = false;
  };
  return (event) => {
    if (event.type === "tool_output" && waiting > MOST_WAITING) return;
    const line = `${JSON.stringify(event)}\n`;
    out(line);
    waiting += line.length;
    if (isWatched) return;
    isWatched = true;
    void watch();
  };
}
