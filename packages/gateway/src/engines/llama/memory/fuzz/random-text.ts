import type { Random } from "@ml-intern/testkit";

/** Words, cut to exactly this many characters: as many tokens of the tiny models. */
export function randomText(random: Random, length: number): string {
  let text = "";
  while (text.length < length) text += `${random.below(2 ** 24).toString(36)} `;
  return text.slice(0, length);
}

/** The same text with one character in it changed. */
export function editedText(random: Random, text: string): string {
  const at = random.below(text.length);
  return `${text.slice(0, at)}${text[at] === "#" ? "*" : "#"}${text.slice(at + 1)}`;
}
