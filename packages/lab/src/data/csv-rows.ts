export interface CsvDialect {
  readonly delimiter: string;
  readonly escape: '"' | "\\";
}

export interface CsvRow {
  readonly fields: readonly string[];
  /** The line of the file on which the row begins, counted from 1. */
  readonly line: number;
}

/**
 * Splits CSV text into rows: quoted fields may hold delimiters, line ends and escaped quotes; empty lines are
 * skipped. With `partial` the text is the beginning of a file and its last, perhaps torn, row is left out.
 */
export function* csvRows(
  text: string,
  { delimiter, escape: mark }: CsvDialect = { delimiter: ",", escape: '"' },
  { partial = false }: { partial?: boolean } = {},
): Generator<CsvRow> {
  let fields: string[] = [];
  let field = "";
  let quoted = false;
  let wasQuoted = false;
  let line = 1;
  let start = 1;
  const end = (): CsvRow | null => {
    const blank = fields.length === 0 && field === "" && !wasQuoted;
    fields.push(field);
    const row = { fields, line: start };
    fields = [];
    field = "";
    wasQuoted = false;
    return blank ? null : row;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (quoted) {
      if (char === mark && text[at + 1] === '"') {
        field += '"';
        at++;
      } else if (char === '"') {
        quoted = false;
      } else {
        if (char === "\n") line++;
        field += char;
      }
    } else if (char === '"' && field === "" && !wasQuoted) {
      quoted = true;
      wasQuoted = true;
    } else if (char === delimiter) {
      fields.push(field);
      field = "";
      wasQuoted = false;
    } else if (char === "\n" || char === "\r") {
      if (char === "\r" && text[at + 1] === "\n") at++;
      line++;
      const row = end();
      start = line;
      if (row !== null) yield row;
    } else {
      field += char;
    }
  }
  if (partial) return;
  const row = end();
  if (row !== null) yield row;
}

/** One line of CSV, quoted where it has to be. */
export function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map((field) => csvField(field === null ? "" : String(field))).join(",")}\n`;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
