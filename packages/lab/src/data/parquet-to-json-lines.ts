import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "../lab-error.ts";
import { openDatabase, sqlText } from "./duckdb.ts";

/** Runs `use` with the path of a file that has each row of a Parquet file as a line of JSON; the file is gone afterwards. */
export async function withParquetAsJsonLines<Value>(
  path: string,
  { use, signal }: { readonly use: (path: string) => Promise<Value>; readonly signal: AbortSignal },
): Promise<Value> {
  await using database = await openDatabase({ large: true });
  const source = join(database.directory, "source.parquet");
  const lines = join(database.directory, "rows.jsonl");
  await symlink(path, source);
  const rows = `SELECT * FROM read_parquet(${sqlText(source)})`;
  await database
    .query(`COPY (${rows}) TO ${sqlText(lines)} (FORMAT json)`, signal)
    .catch((error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof LabError) throw error;
      const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
      throw new LabError("data/unreadable", `${path} cannot be read as Parquet: ${why}`, {
        mend: "Download it again, or another revision of it.",
        cause: error,
      });
    });
  return await use(lines);
}
