import { readUsage, reportUsage, USAGE_COLUMNS, type UsageLine } from "@ml-intern/gateway";
import type { UsageCommand } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT } from "../exit-code.ts";
import { usageFolder } from "../serving/usage-folder.ts";
import { plural } from "../terminal/format.ts";
import { csvLine } from "../usage/csv.ts";
import { reportCsv } from "../usage/report-csv.ts";
import { reportDocument } from "../usage/report-document.ts";
import { reportRemarks } from "../usage/report-remarks.ts";
import { reportTable } from "../usage/report-table.ts";
import { type TimeRange, timeRange } from "../usage/time-range.ts";
import { UsageError } from "../usage-error.ts";

/** So much text is written at once. */
const PIECE = 1 << 16;

/** What the requests of `serve` used and cost, added up or one by one. Reads line by line; a year fits. */
export async function usage(command: UsageCommand, context: CommandContext): Promise<number> {
  const { home, out, error, style } = context;
  const { by, format } = command;
  const range = timeRange({ ...command, now: Date.now() });
  const damage = new Map<string, number>();
  const onDamage = (file: string): void => void damage.set(file, (damage.get(file) ?? 0) + 1);
  const lines = readable(usageFolder(home), readUsage(usageFolder(home), { ...range, onDamage }));
  if (command.lines) await writeLines(lines, format, context);
  else {
    const report = await reportUsage(lines, { by });
    if (format === "json") out(`${JSON.stringify(reportDocument(report, range))}\n`);
    else if (format === "csv") out(reportCsv(report));
    else if (report.rows.length === 0) out(`No requests${spanOf(range)}.\n`);
    else {
      out(`Usage${spanOf(range)}, in tokens and USD\n\n${reportTable(report, style)}\n`);
      for (const remark of reportRemarks(report)) out(`${remark}\n`);
    }
  }
  for (const [file, count] of damage)
    error(`${file}: ${plural(count, "line")} left out, because of damage.\n`);
  return EXIT.published;
}

async function writeLines(
  lines: AsyncIterable<UsageLine>,
  format: UsageCommand["format"],
  { out, drained }: CommandContext,
): Promise<void> {
  let text = format === "csv" ? csvLine(USAGE_COLUMNS) : "";
  for await (const line of lines) {
    text +=
      format === "csv" ? csvLine(USAGE_COLUMNS.map((column) => line[column])) : `${JSON.stringify(line)}\n`;
    if (text.length < PIECE) continue;
    out(text);
    text = "";
    await drained();
  }
  out(text);
}

/** The same lines, with a folder that cannot be read said in words for people. */
async function* readable(folder: string, lines: AsyncIterable<UsageLine>): AsyncGenerator<UsageLine> {
  try {
    yield* lines;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw new UsageError(
        `No usage is kept in ${folder}.`,
        "`ml-intern serve` keeps it from the first request on, unless `usage.enabled` is false. Is ML_INTERN_HOME that of the server?",
      );
    }
    if (code === undefined) throw error;
    throw new UsageError(
      `The usage in ${folder} cannot be read: ${message}`,
      "Read it as the server's own user.",
    );
  }
}

function spanOf({ since, until }: TimeRange): string {
  const from = since === null ? "" : ` from ${shortly(since)}`;
  return until === null
    ? from
    : `${from} up to ${isMidnight(until) ? `the end of ${dayBefore(until)}` : shortly(until)}`;
}

function shortly(time: string): string {
  return isMidnight(time) ? time.slice(0, "2026-11-22".length) : time.replace(/(:00)?\.000Z$/, "Z");
}

function isMidnight(time: string): boolean {
  return time.endsWith("T00:00:00.000Z");
}

function dayBefore(time: string): string {
  return new Date(Date.parse(time) - 1).toISOString().slice(0, "2026-11-22".length);
}
