// Packages that benches compare against. They live in a cache folder, not in the lockfile: nobody needs them to use or test us.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Installs exact versions (`name@1.2.3`) once and returns a `require` that resolves from there. `overrides` pins what
 * they depend on. Throws when npm cannot install them.
 */
export function installPeers(packages, { overrides = {} } = {}) {
  const wanted = JSON.stringify({ packages, overrides });
  const name = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "ml-intern", "bench", name);
  const done = join(folder, "installed");
  if (!existsSync(done)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, overrides }));
    process.stderr.write(`Installing ${packages.join(", ")} (once) …\n`);
    const { status } = spawnSync(
      "npm",
      ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages],
      {
        cwd: folder,
        stdio: ["ignore", 2, 2],
      },
    );
    if (status !== 0)
      throw new Error(`npm could not install ${packages.join(", ")}; is the registry reachable?`);
    writeFileSync(done, wanted);
  }
  return { folder, require: createRequire(join(folder, "package.json")) };
}
