/**
 * True for text that a machine made up: long, of one word, letters and digits mixed as nobody writes them. Names,
 * versions, numbers, paths and words joined by dashes are not.
 */
export function looksRandom(text: string, least = 16): boolean {
  if (text.length < least || !/^[\w.~+/=:!@#%^&*-]+$/.test(text)) return false;
  let changes = 0;
  let last = "";
  const seen = new Set<string>();
  // The beginning is enough to tell, and keeps the time apart from the length.
  for (const character of text.slice(0, 128)) {
    const kind = kindOf(character);
    if (kind !== "" && last !== "" && kind !== last) changes++;
    last = kind;
    seen.add(character);
  }
  const length = Math.min(text.length, 128);
  if (seen.size < 8 || !/[A-Za-z]/.test(text)) return false;
  if (/\d/.test(text)) return changes >= length / 6;
  // A long key of letters alone is rare, and told from joinedWords by how often the case changes.
  return length >= 24 && /^[A-Za-z]+$/.test(text) && changes >= length * 0.35;
}

function kindOf(character: string): string {
  if (character >= "0" && character <= "9") return "digit";
  if (character >= "a" && character <= "z") return "lower";
  if (character >= "A" && character <= "Z") return "upper";
  return "";
}
