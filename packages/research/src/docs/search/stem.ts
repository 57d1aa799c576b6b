/**
 * A word without the endings that English gives it by number, tense and use: `trains`, `trained`, `training` become `train`.
 * Light on purpose: it joins what is surely the same word, and leaves the rest, names above all, as it is.
 */
export function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  let root = singular(word);
  const [, before = "", ending] = /^(.*[aeiouy].*)(ing|ed)$/.exec(root) ?? [];
  if (ending !== undefined && before.length > 2) root = undouble(before);
  return root.length > 4
    ? root
        .replace(/ization$/, "ize")
        .replace(/(ation|ate|ion)$/, suffixOf)
        .replace(/e$/, "")
    : root.replace(/e$/, "");
}

/** `bias`, `process` and `status` are singular; `gpus` are several. */
function singular(word: string): string {
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[^siu]s$|^[a-z]pus$/.test(word) ? word.slice(0, -1) : word;
}

/** `generate` and `generation` meet; `station` and `ratio` stay. */
function suffixOf(suffix: string, _group: string, at: number): string {
  if (at < 4) return suffix;
  return suffix === "ion" ? "" : "at";
}

function undouble(root: string): string {
  return root.length > 3 && /([^aeioulsz])\1$/.test(root) ? root.slice(0, -1) : root;
}
