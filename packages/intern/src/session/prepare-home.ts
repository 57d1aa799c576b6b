import { constants } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { InternError } from "../failures/intern-error.ts";

/** Makes the folder that everything is kept in, or says why it cannot be used. */
export async function prepareHome(home: string): Promise<void> {
  try {
    await makeFolder(home);
    await access(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new InternError(
      "home/unusable",
      `Nothing can be kept in ${home}: ${error instanceof Error ? error.message : String(error)}`,
      {
        mend: "Set ML_INTERN_HOME to a folder that you may write to, on a disk with free space.",
        cause: error,
      },
    );
  }
}

/** Level by level: on file systems that make no folders, such as /proc, Node's own recursion never ends. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "ENOENT" && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await mkdir(path);
    } else if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
