import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Contract,
  environmentNameOf,
  plotData,
  type RunRecord,
  readRun,
  readRunCode,
  renderPlots,
  replicates,
  runOutputDirectory,
  type Score,
  scanUnsafeFiles,
} from "@ml-intern/lab";
import { InternError } from "../failures/intern-error.ts";
import type { SessionState } from "../session/session-state.ts";
import type { Workbench } from "../workbench/workbench.ts";
import { modelCard } from "./model-card.ts";
import { folderFiles, jsonFile, textFile } from "./release-files.ts";
import { RELEASE_MARKER, type ReleaseFile } from "./upload-release.ts";
import { verifiedScores } from "./verified-scores.ts";

export interface BuildReleaseOptions {
  readonly repo: string;
  readonly contract: Contract;
  readonly run: RunRecord;
  /** The score of this run on the sealed test. */
  readonly test: Score;
  readonly summary: string | null;
  readonly state: SessionState;
  readonly workbench: Workbench;
  readonly signal: AbortSignal;
}

/** Everything that a release holds, in the order of its listing. Throws when the model is not in a safe format. */
export async function buildRelease(options: BuildReleaseOptions): Promise<ReleaseFile[]> {
  const { repo, contract, run, test, summary, state, workbench, signal } = options;
  const { labDirectory, home, sandboxMode: mode } = workbench;
  const place = { labDirectory, id: run.id };
  const output = runOutputDirectory(place);
  await refusePickles(join(output, "model"));

  const environment = await workbench.environment(environmentNameOf(run.environment), signal);
  const validation = verifiedScores(state).filter((score) => score.set === "validation");
  const plotFolder = join(labDirectory, "plots");
  const drawing = {
    evaluation: await plotData({ labDirectory, score: test }),
    candidates: await Promise.all(
      validation.map(async (score) => ({
        ...score,
        label: (await readRun({ labDirectory, id: score.run })).name,
      })),
    ),
    into: plotFolder,
    environment,
    home,
    mode,
    signal,
  };
  await workbench.timed(() => renderPlots(drawing));
  const model = await folderFiles(join(output, "model"), "model/");
  const plots = [
    ...(await folderFiles(plotFolder, "plots/verified-")),
    ...(await folderFiles(output, "plots/claimed-", (path) => /^[^/]+\.png$/.test(path))),
  ];
  const ledger = await workbench.ledger();
  const weights = model.map(({ path }) => path).filter((path) => /\.(onnx|safetensors|skops)$/.test(path));
  const card = modelCard({
    repo,
    contract,
    run,
    test,
    validation,
    replicates: replicates(validation),
    plots: plots.map(({ path }) => path),
    weights,
    summary,
    model: state.options.model,
    session: state.id,
    ledgerHead: ledger.head,
  });
  return [
    textFile("README.md", card),
    ...model,
    ...(await readRunCode(place)).map(({ path, content }) => ({
      path: `code/${path}`,
      content: new Blob([content]),
    })),
    textFile("environment.lock.txt", environment.lock),
    jsonFile("contract.json", contract),
    jsonFile("metrics.json", { verified: { test, validation }, claimed: run.claimed }),
    textFile("ledger.jsonl", await readFile(ledger.path, "utf8")),
    ...plots,
    jsonFile(RELEASE_MARKER, { session: state.id, run: run.id, ledger_head: ledger.head }),
  ];
}

async function refusePickles(folder: string): Promise<void> {
  const [unsafe] = await scanUnsafeFiles(folder);
  if (unsafe === undefined) return;
  throw new InternError(
    "publish/unsafe",
    `model/${unsafe.path} can run code when it is loaded: ${unsafe.reason}.`,
    {
      mend: "Save the weights as ONNX, safetensors or skops, run again, evaluate that run and publish it.",
    },
  );
}
