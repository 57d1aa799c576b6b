import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Either where a client is installed, or why it is not. */
export type Installed = { readonly folder: string } | { readonly missing: string };

/** Clients that are too large for the lockfile live here; whoever wants the room back may delete it. */
const CACHE: string = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ml-intern", "judges");

/** An exact version from npm, such as `left-pad@1.3.0`, without running its install scripts. */
export function installedFromNpm(specification: string): Promise<Installed> {
  return installedOnce(specification, async (folder) => {
    await writeFile(join(folder, "package.json"), '{ "private": true }');
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...flags, specification], { cwd: folder });
  });
}

/** An exact version from PyPI, such as `six==1.17.0`, in a virtual environment: `bin/python` has it. */
export async function installedFromPip(specification: string): Promise<Installed> {
  const version = await run("python3", ["-c", "import platform; print(platform.python_version())"]).catch(
    () => null,
  );
  if (version === null) return { missing: "there is no python3 on the PATH" };
  return installedOnce(`${specification}-python-${version.stdout.trim()}`, async (folder) => {
    const pip = ["-m", "pip", "--python", join(folder, "bin", "python"), "install", "--quiet"];
    // Debian's Python has pip, but can put it into an environment only with another package.
    await run("python3", ["-m", "venv", "--without-pip", folder]);
    await run("python3", [...pip, "--disable-pip-version-check", specification]);
  });
}

/** Two processes may install at once: the first to finish wins. */
async function installedOnce(title: string, install: (folder: string) => Promise<void>): Promise<Installed> {
  const name = title.replaceAll(/[^\w.]+/g, "-").replace(/^-/, "");
  const folder = join(CACHE, name);
  if (existsSync(folder)) return { folder };
  try {
    await mkdir(CACHE, { recursive: true });
    const unfinished = await mkdtemp(join(CACHE, `.${name}-`));
    try {
      await install(unfinished);
      await rename(unfinished, folder);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    }
    return { folder };
  } catch (error) {
    return { missing: String(error).split("\n").slice(0, 4).join(" ") };
  }
}
