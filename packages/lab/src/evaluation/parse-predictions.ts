import type { Contract } from "../contract/contract.ts";
import { csvRows } from "../data/csv-rows.ts";
import { LabError } from "../lab-error.ts";
import { classIndex } from "./class-index.ts";
import type { Outcome } from "./outcome.ts";
import type { SealedLabels } from "./sealed-rows.ts";

/**
 * Reads a model's predictions strictly: every sealed row exactly once, known classes, finite numbers, probabilities from 0
 * to 1. Throws LabError "evaluation/invalid_predictions" that names the first offending row.
 */
export function parsePredictions(text: string, sealed: SealedLabels, contract: Contract): Outcome {
  const rows = csvRows(text.replace(/^\ufeff/, ""));
  const head = rows.next().value?.fields ?? [];
  const columns = {
    id: columnOf(head, "row_id"),
    prediction: columnOf(head, "prediction"),
    probabilities: probabilityColumns(head, contract.classes),
  };
  const places = new Map(sealed.rowIds.map((id, place) => [id, place]));
  const found: (readonly string[] | undefined)[] = new Array(sealed.rowIds.length).fill(undefined);
  for (const { fields, line } of rows) {
    const id = fields[columns.id] ?? "";
    const place = places.get(id);
    if (place === undefined)
      throw invalid(`Line ${line} predicts row_id "${id}", which is not in the input.`);
    if (found[place] !== undefined) throw invalid(`Line ${line} predicts row_id "${id}" a second time.`);
    found[place] = fields;
  }
  const missing = found.indexOf(undefined);
  if (missing !== -1) {
    const count = found.filter((fields) => fields === undefined).length;
    throw invalid(`${count} rows have no prediction; the first is row_id "${sealed.rowIds[missing]}".`);
  }
  const predictions = found as (readonly string[])[];
  return contract.classes === null
    ? numbers(predictions, sealed, columns.prediction)
    : classes(predictions, sealed, contract.classes, columns);
}

function numbers(rows: readonly (readonly string[])[], sealed: SealedLabels, column: number): Outcome {
  const predicted = Float64Array.from(rows, (fields, place) =>
    finite(fields[column], sealed.rowIds[place], "prediction"),
  );
  return { kind: "numbers", truth: Float64Array.from(sealed.labels, Number), predicted };
}

function classes(
  rows: readonly (readonly string[])[],
  sealed: SealedLabels,
  names: readonly string[],
  columns: { readonly prediction: number; readonly probabilities: readonly number[] | null },
): Outcome {
  const indexOf = classIndex(names);
  const predicted = Int32Array.from(rows, (fields, place) => {
    const label = fields[columns.prediction] ?? "";
    const index = indexOf(label);
    if (index !== null) return index;
    throw invalid(
      `Row "${sealed.rowIds[place]}" is predicted as "${label}", which is no class of the training data.`,
    );
  });
  const truth = Int32Array.from(sealed.labels, (label) => indexOf(label) ?? -1);
  let probabilities: Float64Array | null = null;
  if (columns.probabilities !== null) {
    probabilities = new Float64Array(rows.length * names.length);
    for (const [place, fields] of rows.entries()) {
      let sum = 0;
      for (const [index, column] of columns.probabilities.entries()) {
        const value = finite(fields[column], sealed.rowIds[place], `p_${names[index]}`);
        if (value < -1e-6 || value > 1 + 1e-6)
          throw invalid(`Row "${sealed.rowIds[place]}" has a probability of ${value}.`);
        probabilities[place * names.length + index] = value;
        sum += value;
      }
      if (!(sum > 0)) throw invalid(`Row "${sealed.rowIds[place]}" has probabilities that sum to ${sum}.`);
    }
  }
  return { kind: "classes", classes: names, truth, predicted, probabilities };
}

function columnOf(head: readonly string[], name: string): number {
  const column = head.indexOf(name);
  if (column === -1)
    throw invalid(
      `The predictions have no column "${name}"; the header is: ${head.join(",").slice(0, 200)}.`,
    );
  return column;
}

/** All classes or none: with some missing, no probability metric would mean anything. */
function probabilityColumns(
  head: readonly string[],
  names: readonly string[] | null,
): readonly number[] | null {
  const columns = (names ?? []).map((name) => head.indexOf(`p_${name}`));
  if (columns.length === 0 || columns.every((column) => column === -1)) return null;
  const missing = columns.indexOf(-1);
  if (missing !== -1)
    throw invalid(`There are probability columns, but none for the class "${names?.[missing]}".`);
  return columns;
}

function finite(text: string | undefined, id: string | undefined, column: string): number {
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw invalid(`Row "${id}" has "${text ?? ""}" as ${column}, which is not a finite number.`);
}

function invalid(message: string): LabError {
  return new LabError("evaluation/invalid_predictions", message, {
    mend: "Let predict.py write row_id,prediction with every row of the input once, labels spelled as in train.csv. No query was spent.",
  });
}
