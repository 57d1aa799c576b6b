const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  "#39": "'",
  "#x27": "'",
  nbsp: " ",
};

/** One line of text of what may have emphasis and entities of HTML in it. */
export function plainText(html: string): string {
  return html
    .replaceAll(/<\/?\w+[^<>]*>/g, "")
    .replaceAll(/&(amp|lt|gt|quot|#39|#x27|nbsp);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .replaceAll(/\s+/g, " ")
    .trim();
}
