import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const PACKAGE = "vega-datasets";
const VERSION = "3.2.1";

/**
 * The folder of real data sets that the npm package vega-datasets ships (BSD-3), fetched once into the data home.
 * Null, with a loud warning, when no registry can be reached.
 */
export async function packagedData(): Promise<string | null> {
  const cache = join(process.env.ML_INTERN_HOME ?? join(homedir(), ".ml-intern"), "test-data");
  const folder = join(cache, `${PACKAGE}-${VERSION}`);
  const data = join(folder, "package", "data");
  if (
    await stat(data).then(
      () => true,
      () => false,
    )
  )
    return data;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, "part-"));
  try {
    const run = promisify(execFile);
    const { stdout } = await run("npm", [
      "pack",
      "--silent",
      "--pack-destination",
      partial,
      `${PACKAGE}@${VERSION}`,
    ]);
    await run("tar", ["-xzf", join(partial, stdout.trim()), "-C", partial]);
    await rename(partial, folder).catch(() => undefined); // another test was first
    return data;
  } catch (error) {
    console.warn(
      `SKIPPED: ${PACKAGE} cannot be fetched, so tests on real data do not run: ${error instanceof Error ? error.message : error}`,
    );
    return null;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
