import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** Lists of lines in the format are lines with their ends. */
const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(""))]);

const output = z.object({
  output_type: z.string(),
  text: text.optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  ename: z.string().optional(),
  evalue: z.string().optional(),
});

const notebook = z.object({
  cells: z.array(z.object({ cell_type: z.string(), source: text, outputs: z.array(output).optional() })),
  metadata: z.object({ language_info: z.object({ name: z.string() }).optional() }).optional(),
});

/** Of one output so many characters are shown. */
const LONGEST_OUTPUT = 2_000;

/** A Jupyter notebook (nbformat 4) as Markdown: text, code, and what the code printed; pictures are named. Throws when it is none. */
export function notebookToMarkdown(json: string): string {
  const { cells, metadata } = notebook.parse(JSON.parse(json));
  const language = metadata?.language_info?.name ?? "python";
  return cells
    .flatMap(({ cell_type, source, outputs = [] }) => {
      if (source.trim() === "" && outputs.length === 0) return [];
      if (cell_type === "markdown") return [source.trim()];
      if (cell_type !== "code") return [fenced(source, "")];
      const printed = outputs.map(printedBy).filter((each) => each.trim() !== "");
      return [fenced(source, language), ...printed.map((each) => fenced(bounded(each), "output"))];
    })
    .join("\n\n");
}

function printedBy({ output_type, text: stream, data = {}, ename, evalue }: z.infer<typeof output>): string {
  if (output_type === "stream") return stripVTControlCharacters(stream ?? "");
  if (output_type === "error") return `${ename ?? "Error"}: ${stripVTControlCharacters(evalue ?? "")}`;
  const plain = text.safeParse(data["text/plain"]);
  return plain.success ? stripVTControlCharacters(plain.data) : `[${Object.keys(data).join(", ")}]`;
}

/** With a fence that is longer than any inside. */
function fenced(code: string, language: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${code.replace(/\n+$/, "")}\n${fence}`;
}

function bounded(printed: string): string {
  if (printed.length <= LONGEST_OUTPUT) return printed;
  return `${printed.slice(0, LONGEST_OUTPUT)}\n… ${printed.length - LONGEST_OUTPUT} more characters`;
}
