import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { InternError } from "../failures/intern-error.ts";
import type { Environment } from "../models/endpoints.ts";
import { type InternConfiguration, readInternConfiguration } from "./intern-configuration.ts";

/**
 * The configuration of the intern: the file that ML_INTERN_CONFIG names, or `intern.yaml` in the home where there is one;
 * otherwise everything has its default. Throws a `ConfigurationError` with every fault of the file, or an
 * {@link InternError} when a file that was named cannot be read.
 */
export async function loadInternConfiguration({
  home,
  env,
}: {
  readonly home: string;
  readonly env: Environment;
}): Promise<InternConfiguration> {
  const asked = env.ML_INTERN_CONFIG || null;
  const path = resolve(asked ?? join(home, "intern.yaml"));
  const text = await readText(path, { mustExist: asked !== null });
  const shown = relative(process.cwd(), path);
  return readInternConfiguration(text ?? "", {
    file: shown.startsWith("..") ? path : shown,
    variables: env,
  });
}

async function readText(path: string, { mustExist }: { mustExist: boolean }): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !mustExist) return null;
    throw new InternError(
      "configuration/unreadable",
      `The configuration ${path} cannot be read: ${message}`,
      {
        mend: "Set ML_INTERN_CONFIG to the path of a YAML file, or take it out.",
        cause: error,
      },
    );
  }
}
