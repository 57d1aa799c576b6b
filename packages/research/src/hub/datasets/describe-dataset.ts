import { describeBytes } from "../describe-bytes.ts";
import { describeAccess } from "../repo-facts.ts";
import type { ChatFacts, TrainingForm } from "./chat-facts.ts";
import type { ColumnFacts, DatasetFacts, Figures, TableFacts } from "./dataset-facts.ts";

const MOST_TABLES = 30;
const MOST_COLUMNS = 60;
const MOST_FILES = 12;

/** A data set as one Markdown document, of bounded length whatever the data. */
export function describeDataset(facts: DatasetFacts): string {
  const { name, url, version, access, description, notes, tables, shown, columns, rows, files, chat, forms } =
    facts;
  const where = [shown?.config, shown?.split].filter((part) => part != null).join(", ");
  const sections = [
    `# ${name}`,
    [
      url,
      access === null ? null : describeAccess(access),
      version === null ? null : `version ${version.slice(0, 12)}`,
    ]
      .filter((part) => part !== null)
      .join(" · "),
    description,
    notes
      .map(({ severity, text, mend }) => `- ${severity}: ${text}${mend === null ? "" : ` ${mend}`}`)
      .join("\n"),
    section("Tables", tables.slice(0, MOST_TABLES).map(tableLine), tables.length),
    section(
      where === "" ? "Columns" : `Columns (${where})`,
      columns.slice(0, MOST_COLUMNS).map(columnLine),
      columns.length,
    ),
    chat === null ? "" : `## Conversations\n\n${chatLines(chat)}`,
    section("Can be trained on", forms.map(formLine), forms.length),
    rows.length === 0
      ? ""
      : `## First rows\n\n${rows.map((row) => `- ${short(JSON.stringify(row), 2_000)}`).join("\n")}`,
    section(
      "Files",
      files.slice(0, MOST_FILES).map(({ path, bytes }) => `- ${path} (${describeBytes(bytes)})`),
      files.length,
    ),
  ];
  return sections.filter((text) => text !== null && text !== "").join("\n\n");
}

function section(title: string, lines: readonly string[], total: number): string {
  if (lines.length === 0) return "";
  const more = total > lines.length ? [`- and ${total - lines.length} more`] : [];
  return `## ${title}\n\n${[...lines, ...more].join("\n")}`;
}

function tableLine({ config, split, rows, bytes }: TableFacts): string {
  const name = [config, split].filter((part) => part !== null).join(" / ");
  const counts = [
    rows === null ? "rows not counted" : `${rows.toLocaleString("en")} rows`,
    ...(bytes === null ? [] : [describeBytes(bytes)]),
  ];
  return `- ${name === "" ? "all rows" : name}: ${counts.join(", ")}`;
}

function columnLine({ name, type, classes, missing, distinct, figures, top }: ColumnFacts): string {
  const parts = [
    short(type, 200),
    classes === null ? null : `classes ${cut(classes, 20)}`,
    missing === null || missing === 0 ? null : `${missing} missing`,
    distinct === null || classes !== null ? null : `${distinct} distinct`,
    figures === null ? null : figuresText(figures),
    top.length === 0 ? null : top.map(({ value, count }) => `${short(value)} ${count}×`).join(", "),
  ];
  return `- ${short(name)}: ${parts.filter((part) => part !== null).join("; ")}`;
}

function figuresText({ of, min, max, mean, median }: Figures): string {
  const middle = [mean === null ? [] : `mean ${mean}`, median === null ? [] : `median ${median}`].flat();
  return [`${of === "values" ? "" : `${of} `}${min} to ${max}`, ...middle].join(", ");
}

function chatLines({ column, form, conversations, roles, messages, ...counts }: ChatFacts): string {
  const named = Object.entries(roles).map(([role, count]) => `${role} ${count}×`);
  return [
    `- column ${column}, form ${form === "messages" ? "role/content" : "from/value (ShareGPT)"}; ${conversations} looked at`,
    `- roles: ${named.join(", ")}; ${messages.least} to ${messages.most} messages each`,
    `- with a system prompt ${counts.withSystem}, with tool calls ${counts.withToolCalls}, ending with the assistant ${counts.endWithAssistant}`,
    ...(counts.tools === null ? [] : [`- tools are described in column ${counts.tools}`]),
  ].join("\n");
}

function formLine({ method, columns, first }: TrainingForm): string {
  return `- ${method} with ${columns.join(", ")}${first === null ? "" : ` (first: ${first})`}`;
}

function cut(names: readonly string[], most: number): string {
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  return `${names
    .slice(0, most)
    .map((name) => short(name))
    .join(", ")}${more}`;
}

function short(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
