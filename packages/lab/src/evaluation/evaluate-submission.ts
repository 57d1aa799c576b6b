import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Contract } from "../contract/contract.ts";
import { toDiskFull } from "../files/disk-full.ts";
import { LabError } from "../lab-error.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { baselineOf } from "./baseline.ts";
import { percentileInterval, resampled } from "./bootstrap.ts";
import { checkSealed } from "./check-sealed.ts";
import { hashFolder } from "./hash-folder.ts";
import type { Outcome } from "./outcome.ts";
import { parsePredictions } from "./parse-predictions.ts";
import { keepOutcome, readOutcome } from "./row-outcomes.ts";
import type { Score, SealedSet } from "./score.ts";
import { queriesLeft, recordedScores, type ScoreBody, toScore } from "./score-rows.ts";
import { scorerOf, secondaryMetrics } from "./scorer-of.ts";
import { readSealedGroups, readSealedLabels, readTrainSummary, unlabelledRows } from "./sealed-rows.ts";

/** Unlabelled rows for the clean room: a CSV, and for images the folder that its `file` column points into. */
export interface PredictionInput {
  readonly csv: string;
  readonly images?: string;
}

/** Where the predictions are: a CSV file, or its text. */
export type PredictionOutput = { readonly path: string } | { readonly text: string };

export type Predict = (input: PredictionInput, signal: AbortSignal) => Promise<PredictionOutput>;

export interface EvaluateSubmissionOptions {
  /** The session's `lab/`. */
  readonly labDirectory: string;
  readonly contract: Contract;
  readonly run: { readonly id: string; readonly seed: number; readonly code_sha256: string };
  readonly modelDirectory: string;
  readonly set: SealedSet;
  /** Names this submission: submitting again under the same key returns the recorded score. */
  readonly key: string;
  readonly predict: Predict;
  readonly ledger: Ledger;
  readonly signal: AbortSignal;
}

/**
 * Scores a model on sealed rows. The query budget is checked in the ledger before anything is predicted; a model that
 * was scored on this set before spends nothing; a failed attempt spends nothing but leaves a row.
 */
export function evaluateSubmission(options: EvaluateSubmissionOptions): Promise<Score> {
  const { ledger } = options;
  const turn = (turns.get(ledger) ?? Promise.resolve()).then(() => evaluate(options));
  // The next in line waits for this one, however it ends; its own caller hears of a failure.
  turns.set(
    ledger,
    turn.catch(() => undefined),
  );
  return turn;
}

/** Submissions on one ledger are evaluated one after another, so that two cannot spend the same last query. */
const turns = new WeakMap<Ledger, Promise<unknown>>();

async function evaluate(options: EvaluateSubmissionOptions): Promise<Score> {
  const { labDirectory, contract, run, set, key, ledger, signal } = options;
  signal.throwIfAborted();
  const scores = recordedScores(ledger);
  const known = scores.find((row) => row.key === key);
  if (known !== undefined) return toScore(known, { ledger, contract });

  const model_sha256 = await hashFolder(options.modelDirectory);
  const twin = scores.find(({ body }) => body.model_sha256 === model_sha256 && body.set === set);
  if (twin?.body.run === run.id) return toScore(twin, { ledger, contract });
  if (twin === undefined) requireQuery(set, contract, ledger);

  const folder = join(labDirectory, "evaluations");
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toDiskFull(error, folder);
  });
  const outcome =
    twin === undefined ? await predicted(options, model_sha256) : await readOutcome(labDirectory, twin.seq);
  const body: ScoreBody = {
    set,
    run: run.id,
    seed: run.seed,
    code_sha256: run.code_sha256,
    model_sha256,
    ...(await measure(outcome, options)),
  };
  signal.throwIfAborted();
  // The rows are on disk before the score that points to them.
  const expected = ledger.rows.length;
  await keepOutcome(labDirectory, expected, outcome);
  const row = await ledger.append("score", { ...body }, { key });
  // Another part of the program may have appended a row in between.
  if (row.seq !== expected) await keepOutcome(labDirectory, row.seq, outcome);
  return toScore({ ...row, body }, { ledger, contract });
}

function requireQuery(set: SealedSet, contract: Contract, ledger: Ledger): void {
  if (set === "validation" && ledger.rows.some(({ kind }) => kind === "validation_opened")) {
    throw new LabError(
      "evaluation/budget_exhausted",
      "Validation is closed: its labels were opened for a refit.",
      {
        mend: 'Submit the refitted run on "test".',
      },
    );
  }
  if (queriesLeft(set, contract, ledger) > 0) return;
  throw new LabError(
    "evaluation/budget_exhausted",
    `All ${contract.queries[set]} queries on ${set} are spent.`,
    {
      mend:
        set === "test"
          ? "Publish the model that was tested; a new task gets a new sealed test."
          : "Choose among the scores there are, refit, and test.",
    },
  );
}

async function predicted(options: EvaluateSubmissionOptions, model_sha256: string): Promise<Outcome> {
  const { labDirectory, contract, run, set, key, predict, ledger, signal } = options;
  await checkSealed({ labDirectory, ledger, set });
  const sealed = await readSealedLabels({ labDirectory, contract, set });
  try {
    const output = await predict(await unlabelledRows({ labDirectory, contract, set }), signal);
    const text = "text" in output ? output.text : await readFile(output.path, "utf8");
    if ((await hashFolder(options.modelDirectory)) !== model_sha256) throw changed(run.id);
    const outcome = parsePredictions(text, sealed, contract);
    if (scorerOf(contract.metric, outcome, contract) !== null) return outcome;
    throw new LabError(
      "evaluation/invalid_predictions",
      `${contract.metric} needs probabilities, and the predictions have none.`,
      {
        mend: "Let predict.py write one p_<class> column for each class. No query was spent.",
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof LabError && error.code.startsWith("evaluation/")) {
      const body = {
        set,
        run: run.id,
        model_sha256,
        code: error.code,
        message: error.message.slice(0, 2_000),
      };
      await ledger.append("failed_evaluation", body, { key: `failed:${key}:${ledger.rows.length}` });
    }
    throw error;
  }
}

function changed(run: string): LabError {
  return new LabError("evaluation/failed", `The model of ${run} changed while it was being evaluated.`, {
    mend: "End whatever still writes into its folder, and submit it again. No query was spent.",
  });
}

type Measured = Pick<ScoreBody, "metric" | "value" | "interval" | "rows" | "baseline" | "secondary">;

async function measure(
  outcome: Outcome,
  { labDirectory, contract, set, signal }: EvaluateSubmissionOptions,
): Promise<Measured> {
  const { metric, split } = contract;
  const scorer = scorerOf(metric, outcome, contract);
  const value = scorer?.(null) ?? Number.NaN;
  if (scorer === null || !Number.isFinite(value)) {
    throw new LabError(
      "evaluation/failed",
      `${metric} is not defined on these rows: a class or any variation is missing.`,
      {
        mend: "Propose another metric in a new session, or give more data.",
      },
    );
  }
  const rows = outcome.truth.length;
  const groups = await readSealedGroups({ labDirectory, contract, set });
  const values = await resampled({ rows, seed: split.seed, statistic: scorer, groups, signal });
  return {
    metric,
    value,
    interval: percentileInterval(values, value),
    rows,
    baseline: baselineOf(await readTrainSummary(labDirectory), outcome, contract),
    secondary: secondaryMetrics(outcome, contract),
  };
}
