import type { EvaluationRecord, ReleaseRecord, Session } from "@ml-intern/intern";
import type { Contract } from "@ml-intern/lab";
import { describeSpent } from "./describe-spent.ts";
import { number } from "./format.ts";
import type { Style } from "./style.ts";

/** What came out, from recorded facts alone: no sentence of the model is repeated here. Empty when nothing is verified. */
export function summarise({ state, paths }: Session, style: Style): string {
  const { records, spent } = state;
  const contract = records.contract?.at(-1) as Contract | undefined;
  const evaluations = (records.evaluation ?? []) as readonly EvaluationRecord[];
  const release = records.release?.at(-1) as ReleaseRecord | undefined;
  const test = evaluations.flatMap(({ scores }) => scores).findLast(({ set }) => set === "test");
  if (contract === undefined) return "";
  const lines = ["", style.bold("Result, from the ledger")];
  if (test === undefined) lines.push("  no verified score on the sealed test");
  else {
    const [low, high] = test.interval.map(number);
    lines.push(
      style.verified(`  ✔ verified ${test.metric} ${number(test.value)}`) +
        ` [${low}, ${high}], ${test.rows} sealed rows, ledger #${test.ledger_seq}`,
      `    ${test.baseline.name} ${number(test.baseline.value)}`,
    );
  }
  if (release !== undefined)
    lines.push(
      `  model   ${release.repo} (${release.url} while \`ml-intern serve\` runs)`.replace(
        / \(https:.*\)/,
        ` (${release.url})`,
      ),
    );
  lines.push(`  ledger  ${paths.lab}/ledger.jsonl (ml-intern ledger verify ${state.id})`);
  lines.push(`  cost    ${describeSpent(spent.unpriced ? { ...spent, usd: null, saved_usd: null } : spent)}`);
  return `${lines.join("\n")}\n`;
}
