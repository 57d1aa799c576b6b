import { z } from "zod";
import type { Contract, DataReport, Evaluation, Release, Run } from "./lab-types.ts";
import { parseJson, valuesOf, wholeValue } from "./salvage-json.ts";

// Unknown fields and missing niceties are no error: the policy needs the core of a document only.

const column = z.object({ name: z.string(), kind: z.string() });
const alarm = z.object({ kind: z.string(), severity: z.string(), message: z.string() });
const proposal = z.looseObject({ task_type: z.string(), input_kind: z.string(), target: z.string() });
const target = z.object({
  name: z.string(),
  classes: z
    .array(z.object({ value: z.string(), count: z.number() }))
    .nullable()
    .catch(null),
});

const reportSchema = z.object({
  kind: z.string().catch("table"),
  rows: z.number(),
  columns: z.array(column).catch([]),
  columns_omitted: z.number().catch(0),
  duplicates: z.object({ rows: z.number() }).catch({ rows: 0 }),
  target: target.nullable().catch(null),
  alarms: z.array(alarm).catch([]),
  suggestion: proposal.nullable().catch(null),
});

const contractSchema = z.object({
  data: z.object({ kind: z.string() }).catch({ kind: "table" }),
  task_type: z.enum(["classification", "regression"]),
  input_kind: z.enum(["tabular", "text", "image"]),
  target: z.string(),
  classes: z.array(z.string()).nullable().catch(null),
  features: z.array(column).catch([]),
  excluded: z.array(z.object({ column: z.string(), reason: z.string() })).catch([]),
  metric: z.string(),
  direction: z.enum(["maximize", "minimize"]),
  split: z.object({
    kind: z.string(),
    train: z.number(),
    validation: z.number(),
    test: z.number(),
  }),
  budget: z.object({ run_seconds: z.number() }).catch({ run_seconds: 600 }),
  stop: z.object({ target_value: z.number().nullable() }).catch({ target_value: null }),
});

const runSchema = z.object({
  id: z.string(),
  seed: z.number().catch(0),
  ended: z.string().catch("exited"),
  exit_code: z.number().nullable().catch(null),
  duration_s: z.number().catch(0),
  claimed: z.record(z.string(), z.number()).catch({}),
  has_model: z.boolean().catch(false),
  log_tail: z.string().catch(""),
});

const interval = z.tuple([z.number(), z.number()]);
const scoreSchema = z.object({
  ledger_seq: z.number(),
  run: z.string(),
  metric: z.string(),
  value: z.number(),
  interval,
  rows: z.number().catch(0),
  baseline: z.object({ name: z.string(), value: z.number() }).nullable().catch(null),
});

const comparisonSchema = z.object({
  run: z.string(),
  against: z.string(),
  difference: z.number(),
  interval,
  noise: z.number().nullable().catch(null),
  verdict: z.enum(["better", "worse", "indistinguishable"]),
  reason: z.string().catch(""),
});

const evaluationSchema = z.object({
  scores: z.array(scoreSchema),
  replicates: z.object({ runs: z.number(), mean: z.number(), sd: z.number() }).nullable().catch(null),
  comparison: comparisonSchema.nullable().catch(null),
});

const releaseSchema = z.object({
  repo: z.string(),
  url: z.string().catch(""),
  files: z.array(z.string()).catch([]),
  reloaded: z.object({ rows: z.number(), agrees: z.boolean() }).nullable().catch(null),
  ledger_seq: z.number().nullable().catch(null),
});

export const readReport = (text: string): DataReport | null => readDocument(reportSchema, text);
export function readContract(text: string): Contract | null {
  const contract = readDocument(contractSchema, text);
  return contract === null ? null : { ...contract, feature_count: contract.features.length };
}
export const readEvaluation = (text: string): Evaluation | null => readDocument(evaluationSchema, text);
export const readRelease = (text: string): Release | null => readDocument(releaseSchema, text);

/** The runs of a `start_run` result; of a run whose record was cut only the beginning is known. */
export function readRuns(text: string): Run[] {
  const whole = z.object({ runs: z.array(runSchema) }).safeParse(parseJson(text));
  if (whole.success) return whole.data.runs;
  const starts = [...text.matchAll(/\{"id":"(run_\d+)"/g)];
  return starts.flatMap((match, index) => {
    const part = text.slice(match.index, starts[index + 1]?.index);
    const record = wholeValue(part, 0) ?? {
      id: match[1],
      seed: valuesOf(part, "seed")[0],
      exit_code: valuesOf(part, "exit_code")[0],
      ended: valuesOf(part, "ended")[0],
      // When the record was cut before this field, the evaluator will say whether there is a model.
      has_model: valuesOf(part, "has_model")[0] ?? true,
    };
    const parsed = runSchema.safeParse(record);
    return parsed.success ? [parsed.data] : [];
  });
}

function readDocument<Shape extends z.ZodObject>(schema: Shape, text: string): z.infer<Shape> | null {
  const whole = schema.safeParse(parseJson(text));
  if (whole.success) return whole.data;
  const found = Object.entries(schema.shape).map(([key, field]) => {
    const values = valuesOf(text, key);
    // `catch` makes any value fit, so the unwrapped field tells which occurrence is meant.
    const inner = field instanceof z.ZodCatch ? field.def.innerType : field;
    return [key, values.find((value) => z.safeParse(inner as z.ZodType, value).success)];
  });
  const salvaged = schema.safeParse(Object.fromEntries(found));
  return salvaged.success ? salvaged.data : null;
}
