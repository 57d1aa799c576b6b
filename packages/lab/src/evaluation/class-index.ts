/**
 * Finds the class that a label means: by its spelling, else as the same number (3 and 3.0, which a column of floats makes
 * of integers) or the same word in other capitals (True and true), where only one class can be meant.
 */
export function classIndex(classes: readonly string[]): (label: string) => number | null {
  const exact = new Map(classes.map((name, index) => [name, index]));
  const loose = new Map<string, number | null>();
  for (const [index, name] of classes.entries()) {
    const key = looseKey(name);
    loose.set(key, loose.has(key) ? null : index);
  }
  return (label) => exact.get(label) ?? loose.get(looseKey(label)) ?? null;
}

function looseKey(label: string): string {
  const text = label.trim();
  const number = text === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? `number ${number}` : `word ${text.toLowerCase()}`;
}
