import type { Paper, Recipe, RecipeField } from "@ml-intern/research";

/** One line: what one chooses a paper by. */
export function describePaper(paper: Paper): string {
  const { ids, title, authors, published, venue, citations, upvotes, withdrawn, links } = paper;
  const first = authors[0];
  const who =
    first === undefined ? null : authors.length > 1 ? `${first} and ${authors.length - 1} more` : first;
  const facts = [
    ids.arxiv === undefined ? (ids.doi ?? links.page) : `arXiv:${ids.arxiv}`,
    who,
    published,
    venue,
    citations === null ? null : `${citations.toLocaleString("en")} citations`,
    upvotes === null ? null : `${upvotes} upvotes`,
    links.code ?? null,
    withdrawn === null ? null : `WITHDRAWN: ${withdrawn}`,
  ];
  return `${title} (${facts.filter((fact) => fact !== null).join(", ")})`;
}

/** What a paper says of how it trained, each with the line that says so and the anchor where that stands. */
export function describeRecipe({
  title,
  note,
  data,
  model,
  hyperParameters,
  metrics,
  results,
}: Recipe & { readonly title: string | null; readonly note: string | null }): string {
  const parts = [
    part(
      "Data",
      data.map((field) => line(field.value, field)),
    ),
    part(
      "Model",
      model.map((field) => line(field.value, field)),
    ),
    part(
      "Hyper-parameters",
      hyperParameters.map((field) => line(`${field.name} = ${field.value}`, field)),
    ),
    part(
      "Metrics",
      metrics.map((field) => line(field.value, field)),
    ),
    part(
      "Results",
      results.map((field) => line(result(field), field)),
    ),
  ].flat();
  const told =
    parts.length === 0 ? ["The paper's text names none of it in a way that rules can find: read it."] : parts;
  return [`# ${title ?? "Untitled"}`, ...(note === null ? [] : [`[${note}]`]), ...told].join("\n");
}

function result({ metric, value, on, method }: Recipe["results"][number]): string {
  return [metric ?? "result", value, on && `on ${on}`, method && `by ${method}`]
    .filter((each) => each)
    .join(" ");
}

function line(what: string, { quote, anchor }: RecipeField): string {
  return `- ${what}\n  “${quote}” (section ${anchor})`;
}

function part(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${name}`, ...lines];
}
