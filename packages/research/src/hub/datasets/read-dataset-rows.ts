import { WebError } from "../../http/web-error.ts";
import type { Hub } from "../hub.ts";
import type { HubRepo } from "../hub-repo.ts";
import { askViewer } from "./ask-viewer.ts";
import { shortenCell } from "./shorten-cell.ts";
import { rows as rowsAnswer } from "./viewer-answers.ts";

export interface DatasetRows {
  readonly rows: readonly { readonly index: number; readonly row: Readonly<Record<string, unknown>> }[];
  /** Of all rows that fit. */
  readonly total: number | null;
  /** Whether only the first part of a large data set was searched. */
  readonly isPartial: boolean;
}

/** The viewer gives so many at a time. */
const MOST = 100;

/**
 * Rows of a data set on a hub: a slice, those in whose texts the words of `search` occur, or those that fit `where` (SQL:
 * `"age" > 30 AND "label" = 'x'`). At most 100.
 */
export async function readDatasetRows(
  hub: Hub,
  options: {
    readonly repo: HubRepo;
    readonly config: string;
    readonly split: string;
    readonly search?: string;
    readonly where?: string;
    readonly offset?: number;
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<DatasetRows> {
  const { repo, config, split, search, where, offset = 0, limit, signal } = options;
  if (hub.viewerUrl === null) {
    throw new WebError("web/not_found", `${hub.url} has nothing that reads rows of data sets.`, {
      url: hub.url,
      mend: "Download the files and read those.",
    });
  }
  const length = Math.min(limit, MOST);
  const place = { dataset: repo.id, config, split, offset, length };
  const verb = search !== undefined ? "search" : where !== undefined ? "filter" : "rows";
  const question =
    search !== undefined ? { ...place, query: search } : where !== undefined ? { ...place, where } : place;
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
