import { join } from "node:path";
import {
  type Contract,
  environmentNameOf,
  LabError,
  predictInCleanRoom,
  type RunRecord,
  readRun,
  repeatEvaluation,
  type Score,
  workingFolder,
} from "@ml-intern/lab";
import { z } from "zod";
import { LOCAL } from "../budget/prices.ts";
import { PREDICTION_SECONDS, withinTime } from "../budget/within-time.ts";
import { ToolFailure } from "../failures/tool-failure.ts";
import { buildRelease } from "../publishing/build-release.ts";
import type { HubTarget } from "../publishing/hub-target.ts";
import type { ReleaseRecord } from "../publishing/release-record.ts";
import { downloadRelease, readReleaseMarker } from "../publishing/reload-release.ts";
import { chooseRepo, type ReleaseFile, uploadRelease } from "../publishing/upload-release.ts";
import { verifiedScores } from "../publishing/verified-scores.ts";
import { defineTool, type Tool, type ToolContext } from "./define-tool.ts";
import { requireContract } from "./require-contract.ts";

const publishInput = z.strictObject({
  run: z.string().regex(/^run_\d+$/),
  name: z
    .string()
    .regex(/^[\w][\w.-]{0,80}$/)
    .optional()
    .describe("name of the repository; by default from data and target"),
  summary: z.string().max(2_000).optional().describe("a paragraph for the model card"),
});

/** Publishes to this hub, and says so to whoever decides on calls. */
export function publishModelTool(hub: HubTarget | null): Tool {
  return defineTool({
    ...publishing,
    facts: ({ name = "a repository named after the data and the target" }) => ({
      hosts: hub === null ? "any" : [new URL(hub.url).hostname],
      target: { name, visibility: hub?.kind === "hf" ? "private" : "public" },
    }),
  });
}

const publishing = {
  name: "publish_model",
  description:
    "Publishes a run's model: weights in a safe format, code, environment lock, metrics, plots, ledger and a model card whose every number names its ledger row. The run needs a verified score on the sealed test. The published files are downloaded again and must predict the same in a clean sandbox.",
  repeatable: true,
  input: publishInput,
  async execute({ run: id, name, summary }: z.infer<typeof publishInput>, context: ToolContext) {
    const { workbench, session, budget, callId, show, signal } = context;
    const contract = await requireContract(workbench);
    const run = await readRun({ labDirectory: workbench.labDirectory, id });
    const test = testScoreOf(id, context);
    const repo = await chooseRepo({
      hub: workbench.hub,
      name: name ?? defaultName(contract),
      session: session.state.id,
      isOurs: async (repo) =>
        (await readReleaseMarker({ hub: workbench.hub, repo }))?.session === session.state.id,
    });
    const url = `${workbench.hub.browseUrl}/${repo}`;
    show("Building the release …\n");
    const files = await buildRelease({
      repo,
      contract,
      run,
      test,
      summary: summary ?? null,
      state: session.state,
      workbench,
      signal,
    });
    const stored = {
      of: callId,
      place: workbench.hub.kind === "hf" ? "hf" : LOCAL,
      bytes: files.reduce((sum, { content }) => sum + content.size, 0),
    };
    budget.reserveStorage({ ...stored, isFinishing: true });
    await budget.kept();
    show(`Uploading ${files.length} files to ${repo} …\n`);
    const title = `${run.name}: verified ${test.metric} ${Number(test.value.toPrecision(6))}`;
    const { revision } = await uploadRelease({ hub: workbench.hub, repo, files, title, signal });
    budget.settleStorage(stored);
    show("Loading it again in a clean sandbox …\n");
    const reloaded = await reload({ repo, revision, files, contract, run, test }, context);
    const ledger = await workbench.ledger();
    const body = {
      repo,
      url,
      revision,
      run: id,
      score: test.ledger_seq,
      model_sha256: test.model_sha256,
      reloaded,
    };
    const row = await ledger.append("release", body, { key: `release:${repo}@${revision}` });
    const release: ReleaseRecord = {
      repo,
      url,
      revision,
      files: files.map(({ path }) => path),
      reloaded,
      ledger_seq: row.seq,
    };
    await session.append({ type: "recorded", kind: "release", body: release, ledger_head: ledger.head });
    return release;
  },
};

function testScoreOf(run: string, { session }: ToolContext): Score {
  const score = verifiedScores(session.state).findLast((score) => score.run === run && score.set === "test");
  if (score !== undefined) return score;
  throw new ToolFailure(
    "publish/not_evaluated",
    `${run} has no verified score on the sealed test.`,
    'Call submit_for_evaluation with set "test" for this run first.',
  );
}

/** Runs the downloaded model on the sealed rows again: what was published must predict what was scored. */
async function reload(
  options: {
    readonly repo: string;
    readonly revision: string;
    readonly files: readonly ReleaseFile[];
    readonly contract: Contract;
    readonly run: RunRecord;
    readonly test: Score;
  },
  { workbench, budget, callId, show, signal }: ToolContext,
): Promise<{ rows: number; agrees: boolean }> {
  const { repo, revision, files, contract, run, test } = options;
  await using folder = await workingFolder();
  const paths = files.map(({ path }) => path).filter((path) => path.startsWith("model/"));
  await downloadRelease({ hub: workbench.hub, repo, revision, paths, into: folder.path, signal });
  const environment = await workbench.environment(environmentNameOf(run.environment), signal);
  const result = await repeatEvaluation({
    labDirectory: workbench.labDirectory,
    contract,
    score: test,
    predict: async ({ csv, images }, signal) => {
      const time = { budget, callId, seconds: PREDICTION_SECONDS, isFinishing: true, show, signal };
      const { value: room } = await withinTime(time, (granted) =>
        workbench.timed(() =>
          predictInCleanRoom({
            model: join(folder.path, "model"),
            input: csv,
            ...(images === undefined ? {} : { images }),
            environment,
            home: workbench.home,
            mode: workbench.sandboxMode,
            limits: { wallMs: granted * 1000 },
            onOutput: show,
            signal,
          }),
        ),
      );
      return { text: room.predictions };
    },
    signal,
  });
  if (result.agrees) return result;
  throw new LabError(
    "evaluation/failed",
    `The published model predicts otherwise than the evaluated one (${repo}@${revision}).`,
    {
      mend: "predict.py must be deterministic: fix its seeds, then run, evaluate and publish again.",
    },
  );
}

function defaultName({ data, target }: Contract): string {
  const stem = data.name.replace(/\.[a-z0-9]+$/i, "");
  const slug = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "");
  return (
    [slug(stem), slug(target)]
      .filter((part) => part !== "")
      .join("-")
      .slice(0, 60) || "model"
  );
}
