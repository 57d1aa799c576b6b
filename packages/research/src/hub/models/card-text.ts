/** A card without its front matter, cut at a line after about `most` characters; null when nothing is left. */
export function cardText(markdown: string, most: number): string | null {
  const text = markdown.replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---[ \t]*(\r?\n|$)/, "").trim();
  if (text === "") return null;
  if (text.length <= most) return text;
  const end = text.lastIndexOf("\n", most);
  return `${text.slice(0, end > most / 2 ? end : most).trimEnd()}\n\n… ${text.length - most} more characters`;
}
