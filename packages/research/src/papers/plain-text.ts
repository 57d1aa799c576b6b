/** One line without the breaks that services leave in titles and abstracts. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
