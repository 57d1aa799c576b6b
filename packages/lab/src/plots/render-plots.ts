import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "../environments/provision-environment.ts";
import type { PlotData } from "../evaluation/plot-data.ts";
import type { Score } from "../evaluation/score.ts";
import { workingFolder } from "../files/working-folder.ts";
import { LabError } from "../lab-error.ts";
import { type Artefact, collectArtefacts } from "../sandbox/collect-artefacts.ts";
import { openSandbox } from "../sandbox/open-sandbox.ts";
import type { SandboxMode } from "../sandbox/sandbox.ts";

const SCRIPT = fileURLToPath(new URL("../../python/plots.py", import.meta.url));

export interface RenderPlotsOptions {
  /** What to draw of the final evaluation. */
  readonly evaluation: PlotData;
  /** Scores to set side by side, with the words that name them. */
  readonly candidates: readonly (Score & { readonly label: string })[];
  /** Receives the PNG files. */
  readonly into: string;
  readonly environment: Environment;
  readonly home: string;
  readonly mode: SandboxMode;
  readonly signal: AbortSignal;
}

/** Draws verified results as PNG files, with our own script in a sandbox of its own. */
export async function renderPlots(options: RenderPlotsOptions): Promise<readonly Artefact[]> {
  const { evaluation, candidates, into, environment, home, mode, signal } = options;
  await using place = await workingFolder();
  const workspace = join(place.path, "workspace");
  await mkdir(workspace);
  const { readOnlyPaths } = environment;
  await using sandbox = await openSandbox({ workspace, readOnlyPaths, home, mode });
  const first = candidates[0];
  const input = {
    evaluation,
    candidates: { set: first?.set ?? "validation", metric: evaluation.metric, scores: candidates },
  };
  await writeFile(join(workspace, "plots.json"), JSON.stringify(input));
  await copyFile(SCRIPT, join(workspace, "plots.py"));
  for (const name of ["plots.json", "plots.py"]) await sandbox.adoptFile(join(workspace, name));
  const result = await sandbox.exec({
    argv: [environment.python, "plots.py"],
    limits: { wallMs: 120_000 },
    signal,
  });
  signal.throwIfAborted();
  if (result.ended !== "exited" || result.exit_code !== 0) {
    throw new LabError("evaluation/failed", `The plots could not be drawn: ${result.output.slice(-500)}`, {
      mend: "The scores are not affected. Check the Python environment with `ml-intern doctor`.",
    });
  }
  const collected = await collectArtefacts({ from: join(workspace, "out"), into, signal });
  return collected.artefacts;
}
