import { join } from "node:path";
import {
  type Contract,
  compareScores,
  environmentNameOf,
  evaluateSubmission,
  LabError,
  predictInCleanRoom,
  type Replicates,
  readRun,
  replicates,
  runOutputDirectory,
  type Score,
} from "@ml-intern/lab";
import { z } from "zod";
import { PREDICTION_SECONDS, withinTime } from "../budget/within-time.ts";
import type { EvaluationRecord } from "../publishing/release-record.ts";
import { verifiedScores } from "../publishing/verified-scores.ts";
import { defineTool, type Tool, type ToolContext } from "./define-tool.ts";
import { requireContract } from "./require-contract.ts";

export const submitForEvaluationTool: Tool = defineTool({
  name: "submit_for_evaluation",
  description:
    "Lets the evaluator, outside the sandbox, run the `model/` of these runs on sealed rows. Its scores are the only verified numbers. Queries are limited (validation: many, test: one). Several seeds of the same code give the noise; the comparison with the best so far is paired and says better, worse or indistinguishable.",
  repeatable: true,
  input: z.strictObject({
    runs: z
      .array(z.string().regex(/^run_\d+$/))
      .min(1)
      .max(5),
    set: z.enum(["validation", "test"]),
  }),
  async execute({ runs, set }, context) {
    const { workbench, session } = context;
    const contract = await requireContract(workbench);
    const before = verifiedScores(session.state).filter((score) => score.set === set);
    const scores: Score[] = [];
    for (const run of runs) scores.push(await evaluate({ run, set, contract }, context));
    const record = await summarise({ scores, before, contract }, context);
    const ledger = await workbench.ledger();
    await session.append({ type: "recorded", kind: "evaluation", body: record, ledger_head: ledger.head });
    return record;
  },
});

async function evaluate(
  { run: id, set, contract }: { run: string; set: "validation" | "test"; contract: Contract },
  { workbench, budget, callId, show, signal }: ToolContext,
): Promise<Score> {
  const { labDirectory, home, sandboxMode: mode } = workbench;
  const run = await readRun({ labDirectory, id });
  if (!run.has_model) {
    throw new LabError("evaluation/no_model", `${id} left no model/predict.py.`, {
      mend: "Let the script write OUTPUT_DIR/model with predict.py and its weights, and run it again.",
    });
  }
  const environment = await workbench.environment(environmentNameOf(run.environment), signal);
  const modelDirectory = join(runOutputDirectory({ labDirectory, id }), "model");
  return evaluateSubmission({
    labDirectory,
    contract,
    run,
    modelDirectory,
    set,
    // A fork shares the ledger, and its calls can have the same names: the set tells what they asked.
    key: `${callId}:${id}:${set}`,
    predict: async ({ csv, images }, signal) => {
      const time = { budget, callId, seconds: PREDICTION_SECONDS, isFinishing: set === "test", show, signal };
      const { value: room } = await withinTime(time, (granted) =>
        workbench.timed(() =>
          predictInCleanRoom({
            model: modelDirectory,
            input: csv,
            ...(images === undefined ? {} : { images }),
            environment,
            home,
            mode,
            limits: { wallMs: granted * 1000 },
            onOutput: show,
            signal,
          }),
        ),
      );
      return { text: room.predictions };
    },
    ledger: await workbench.ledger(),
    signal,
  });
}

async function summarise(
  { scores, before, contract }: { scores: readonly Score[]; before: readonly Score[]; contract: Contract },
  { workbench, signal }: ToolContext,
): Promise<EvaluationRecord> {
  const codes = groupByCode([...before, ...scores]);
  const submitted = new Set(scores.map((score) => score.code_sha256));
  const candidate = bestOf(
    codes.filter(({ code }) => submitted.has(code)),
    contract,
  );
  const rival = bestOf(
    codes.filter(({ code }) => !submitted.has(code)),
    contract,
  );
  const sds = [candidate?.spread?.sd, rival?.spread?.sd].filter((sd) => sd !== undefined);
  const noise = sds.length === 0 ? null : Math.max(...sds);
  const comparison =
    candidate === null || rival === null
      ? null
      : await compareScores({
          labDirectory: workbench.labDirectory,
          contract,
          a: candidate.first,
          b: rival.first,
          noise,
          signal,
        });
  const best = bestOf(codes, contract);
  return {
    scores,
    replicates: candidate?.spread ?? null,
    noise,
    comparison,
    best: best === null ? null : { run: best.first.run, value: best.first.value },
    queries_left: scores.at(-1)?.queries_left ?? 0,
  };
}

/** One piece of code with all its seeds. Its first run stands for it: the best of several seeds would flatter it. */
interface CodeScores {
  readonly code: string;
  readonly first: Score;
  readonly mean: number;
  readonly spread: Replicates | null;
}

function groupByCode(scores: readonly Score[]): CodeScores[] {
  const groups = new Map<string, Score[]>();
  for (const score of scores)
    groups.set(score.code_sha256, [...(groups.get(score.code_sha256) ?? []), score]);
  return [...groups].flatMap(([code, group]) => {
    const [first] = group;
    const spread = replicates(group);
    return first === undefined ? [] : [{ code, first, spread, mean: spread?.mean ?? first.value }];
  });
}

function bestOf(codes: readonly CodeScores[], { direction }: Contract): CodeScores | null {
  const sign = direction === "maximize" ? 1 : -1;
  return codes.reduce<CodeScores | null>(
    (best, code) => (best === null || sign * (code.mean - best.mean) > 0 ? code : best),
    null,
  );
}
