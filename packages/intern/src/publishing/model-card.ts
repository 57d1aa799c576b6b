import type { Contract, Replicates, RunRecord, Score } from "@ml-intern/lab";

export interface CardFacts {
  readonly repo: string;
  readonly contract: Contract;
  readonly run: RunRecord;
  /** The sealed-test score of this very model. */
  readonly test: Score;
  /** Validation scores of the session, oldest first. */
  readonly validation: readonly Score[];
  readonly replicates: Replicates | null;
  readonly plots: readonly string[];
  readonly weights: readonly string[];
  readonly summary: string | null;
  /** `engine/name` of who did the work. */
  readonly model: string;
  readonly session: string;
  readonly ledgerHead: string;
}

/**
 * The model card. Every verified number stands beside the ledger row that holds it; what a script printed stands apart,
 * under "Claimed".
 */
export function modelCard(facts: CardFacts): string {
  const { contract, run, test, validation, replicates, plots, summary } = facts;
  const sections = [
    frontMatter(facts),
    `# ${facts.repo.slice(facts.repo.indexOf("/") + 1)}`,
    `Predicts \`${contract.target}\` (${contract.task_type}, ${contract.input_kind} data). The task was: *${oneLine(contract.task)}*`,
    summary === null ? "" : oneParagraph(summary),
    "## Verified results",
    `Measured by ml-intern's evaluator, outside the training sandbox, on rows that the training code never saw. Each number names its row in [\`ledger.jsonl\`](ledger.jsonl), which is hash-chained and signed; \`ml-intern ledger verify ledger.jsonl\` proves the chain (head \`${facts.ledgerHead.slice(0, 16)}\`).`,
    table(
      ["set", "metric", "verified", "95 % interval", "baseline", "rows", "ledger row"],
      [
        scoreRow(test),
        ...Object.entries(test.secondary).map(([metric, value]) => [
          "sealed test",
          metric,
          shown(value),
          "",
          "",
          String(test.rows),
          `#${test.ledger_seq}`,
        ]),
      ],
    ),
    `The sealed test was opened once for this model. Split: ${contract.split.kind}${contract.split.column === null ? "" : ` by \`${contract.split.column}\``}; ${contract.split.train} train, ${contract.split.validation} validation, ${contract.split.test} test rows.`,
    replicates === null
      ? ""
      : `Noise on validation: ${replicates.runs} seeds of the same code, mean ${shown(replicates.mean)}, standard deviation ${shown(replicates.sd)}. A candidate was called better only when its gain exceeded this noise.`,
    validation.length === 0 ? "" : "### Candidates, on validation",
    validation.length === 0
      ? ""
      : table(
          ["set", "metric", "verified", "95 % interval", "baseline", "rows", "ledger row"],
          validation.map(scoreRow),
        ),
    "## Claimed, not verified",
    Object.keys(run.claimed).length === 0
      ? "The training script claimed nothing."
      : `What the training script printed about itself, checked by nobody:\n\n${table(
          ["claim", "value"],
          Object.entries(run.claimed).map(([name, value]) => [name, shown(value)]),
        )}`,
    "## Use",
    `\`\`\`sh\npip install -r environment.lock.txt\npython model/predict.py --input rows.csv --output predictions.csv\n\`\`\`\n\n\`rows.csv\` has a \`row_id\` column and ${inputColumns(contract)}. \`predictions.csv\` has \`row_id,prediction\`${contract.task_type === "classification" ? " and, where the model gives probabilities, one `p_<class>` column a class" : ""}. Weights: ${facts.weights.map((name) => `\`${name}\``).join(", ")}; no pickle.`,
    plots.length === 0 ? "" : "## Plots",
    plots.map((name) => `![${name.slice(name.lastIndexOf("/") + 1)}](${name})`).join("\n\n"),
    "## Data",
    `\`${contract.data.name}\`, ${contract.data.rows} rows, sha256 \`${contract.data.sha256}\`. The data are not part of this repository.`,
    contract.excluded.length === 0
      ? ""
      : `Left out of the features:\n\n${contract.excluded.map(({ column, reason }) => `- \`${column}\`: ${oneLine(reason)}`).join("\n")}`,
    "## How it was made",
    `By ml-intern (${facts.model}), session \`${facts.session}\`, ${run.id} \`${run.script}\`${run.args.length === 0 ? "" : ` with \`${run.args.join(" ")}\``}, seed ${run.seed}. The code is in \`code/\`, the exact packages in \`environment.lock.txt\`, the terms that were fixed before the first run in \`contract.json\`.`,
    "## Limits",
    "The numbers hold for rows like those of the test set. Other populations, later times and other ways of measuring were not examined.",
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const PIPELINES = {
  tabular: { classification: "tabular-classification", regression: "tabular-regression" },
  text: { classification: "text-classification", regression: "text-classification" },
  image: { classification: "image-classification", regression: "image-feature-extraction" },
} as const;

/** YAML in which every scalar is written as JSON, which YAML includes: no quoting rules of our own. */
function frontMatter({ repo, contract, test, weights }: CardFacts): string {
  const pipeline = PIPELINES[contract.input_kind][contract.task_type];
  const metric = (name: string, value: number, extra: string[]): string[] => [
    `    - type: ${JSON.stringify(name)}`,
    `      name: ${JSON.stringify(`${name} on the sealed test, ledger row ${test.ledger_seq}`)}`,
    `      value: ${value}`,
    ...extra,
  ];
  const lines = [
    "---",
    `library_name: ${JSON.stringify(weights.some((name) => name.endsWith(".onnx")) ? "onnx" : "scikit-learn")}`,
    `pipeline_tag: ${JSON.stringify(pipeline)}`,
    "tags:",
    '- "ml-intern"',
    "model-index:",
    `- name: ${JSON.stringify(repo)}`,
    "  results:",
    "  - task:",
    `      type: ${JSON.stringify(pipeline)}`,
    "    dataset:",
    `      name: ${JSON.stringify(contract.data.name)}`,
    `      type: ${JSON.stringify("local")}`,
    `      split: ${JSON.stringify("sealed test")}`,
    `      revision: ${JSON.stringify(contract.data.sha256)}`,
    "    metrics:",
    ...metric(test.metric, test.value, [
      "      args:",
      `        ledger_row: ${test.ledger_seq}`,
      `        interval_low: ${test.interval[0]}`,
      `        interval_high: ${test.interval[1]}`,
    ]),
    ...Object.entries(test.secondary).flatMap(([name, value]) =>
      metric(name, value, ["      args:", `        ledger_row: ${test.ledger_seq}`]),
    ),
    "---",
  ];
  return lines.join("\n");
}

function scoreRow(score: Score): string[] {
  return [
    score.set === "test" ? "sealed test" : `validation, ${score.run}`,
    score.metric,
    `**${shown(score.value)}**`,
    `${shown(score.interval[0])} to ${shown(score.interval[1])}`,
    `${shown(score.baseline.value)} (${score.baseline.name})`,
    String(score.rows),
    `#${score.ledger_seq}`,
  ];
}

function inputColumns(contract: Contract): string {
  if (contract.data.kind === "images") return "a `file` column: image paths relative to the CSV";
  const names = contract.features.map(({ name }) => `\`${name}\``);
  return names.length <= 12
    ? `the columns ${names.join(", ")}`
    : `the ${names.length} feature columns that \`contract.json\` lists`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : Number(value.toPrecision(6)).toString();
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** A model's words must not look like a heading, a table or front matter of the card. */
function oneParagraph(text: string): string {
  return `> ${oneLine(text)}`;
}
