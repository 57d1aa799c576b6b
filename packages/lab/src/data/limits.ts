import { LabError } from "../lab-error.ts";

export const minimumRows = 20;
export const maximumColumns = 5000;

export function refuseTooManyColumns(path: string, columns: number, most: number): void {
  if (columns <= most) return;
  throw new LabError(
    "data/too_many_columns",
    `${path} has ${columns} columns; ${most} is the most that can be worked with.`,
    {
      mend: "Leave columns out, or turn the table: are its rows and columns exchanged?",
    },
  );
}

export function refuseTooFewRows(path: string, rows: number): void {
  if (rows >= minimumRows) return;
  const found = rows === 0 ? "has no rows below its header" : `has ${rows} ${rows === 1 ? "row" : "rows"}`;
  throw new LabError("data/too_few_rows", `${path} ${found}; at least ${minimumRows} are needed.`, {
    mend: `With fewer than ${minimumRows} rows nothing can be learnt and verified on rows that were held back. Bring more data.`,
  });
}

export function emptyTable(path: string): LabError {
  return new LabError("data/empty_file", `${path} is empty.`, {
    mend: "Give a file with a header line and at least 20 rows.",
  });
}
