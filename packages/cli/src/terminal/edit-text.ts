import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Lets the person change a text in their editor: `VISUAL`, `EDITOR`, or vi. Null when the editor cannot be started or
 * ends with an error. The terminal must be lent to it, see `InkFace.lend`.
 */
export async function editText(
  text: string,
  { env, name }: { env: Readonly<Record<string, string | undefined>>; name: string },
): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), "ml-intern-edit-"));
  const path = join(folder, name);
  try {
    await writeFile(path, text, { mode: 0o600 });
    const editor = env.VISUAL || env.EDITOR || "vi";
    // An editor may come with options, as in `code --wait`: the shell takes them apart as the person's own would.
    const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
    const code = await new Promise<number | null>((resolve) => {
      child.on("error", () => resolve(null));
      child.on("close", resolve);
    });
    return code === 0 ? await readFile(path, "utf8") : null;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
