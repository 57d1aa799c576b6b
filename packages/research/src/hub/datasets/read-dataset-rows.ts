import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import { askViewer, type ViewerQuestion } from "./ask-viewer.ts";
import { shortenCell } from "./shorten-cell.ts";
import { rows as rowsAnswer } from "./viewer-answers.ts";

export interface DatasetRows {
  readonly rows: readonly { readonly index: number; readonly row: Readonly<Record<string, unknown>> }[];
  /** Of all rows that fit. */
  readonly total: number | null;
  /** Whether only the first part of a large data set was searched. */
  readonly isPartial: boolean;
}

/** Rows in whose texts the words occur, or that fit a condition in SQL: `"age" > 30 AND "label" = 'x'`. */
export type RowQuestion =
  | { readonly kind: "words"; readonly words: string }
  | { readonly kind: "where"; readonly condition: string };

/** The viewer gives so many at a time. */
const MOST = 100;

/** Rows of a data set on a hub, at most 100: from `offset` on, of all rows or of those that are looked for. */
export async function readDatasetRows(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly config: string;
    readonly split: string;
    readonly find?: RowQuestion;
    readonly offset?: number;
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<DatasetRows> {
  const { repo, config, split, find, offset = 0, limit, signal } = options;
  if (hub.viewerUrl === null) {
    throw new WebError("web/not_found", `${hub.url} has nothing that reads rows of data sets.`, {
      url: hub.url,
      mend: "Download the files and read those.",
    });
  }
  const length = Math.min(limit, MOST);
  const place = { dataset: repo.id, config, split, offset, length };
  const [verb, question] = asked(place, find);
  const { rows, num_rows_total, partial } = await askViewer(hub, verb, {
    question,
    schema: rowsAnswer,
    signal,
  });
  return {
    rows: rows.map(({ row, row_idx }) => ({
      index: row_idx,
      row: Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, shortenCell(cell)])),
    })),
    total: num_rows_total ?? null,
    isPartial: partial ?? false,
  };
}

function asked(
  place: ViewerQuestion,
  find: RowQuestion | undefined,
): [verb: string, question: ViewerQuestion] {
  switch (find?.kind) {
    case undefined:
      return ["rows", place];
    case "words":
      return ["search", { ...place, query: find.words }];
    case "where":
      return ["filter", { ...place, where: find.condition }];
  }
}
