import { type FileHandle, open, stat } from "node:fs/promises";
import { produceDurably } from "@ml-intern/durable";

/** Writes a trace to a file, which is there whole or not at all. Returns the number of its lines. */
export async function writeTrace(path: string, lines: AsyncIterable<string>): Promise<number> {
  let count = 0;
  const fill = async (handle: FileHandle): Promise<void> => {
    for await (const line of lines) {
      await handle.write(line);
      count++;
    }
  };
  const there = await stat(path).catch(() => null); // a new file, or a folder that says why not when it is written
  if (there === null || there.isFile()) await produceDurably(path, { mode: 0o600, fill });
  else {
    // A pipe or a device is written to, and not replaced by a file.
    await using handle = await open(path, "w");
    await fill(handle);
  }
  return count;
}
