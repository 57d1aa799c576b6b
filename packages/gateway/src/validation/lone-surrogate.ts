/** Where a JSON text escapes half a surrogate pair, which no text encoding can hold; null when it does so nowhere. */
export function loneSurrogate(json: string): number | null {
  // Hardly any body escapes surrogates at all.
  if (!/\\u[dD][89a-fA-F]/.test(json)) return null;
  const escapes = /\\(?:u([0-9a-fA-F]{4})|.)/gs;
  /** Where a pair has begun that the next escape must end. */
  let begun: number | null = null;
  let end = 0;
  for (const found of json.matchAll(escapes)) {
    const code = Number.parseInt(found[1] ?? "0", 16);
    const isSecondHalf = code >= 0xdc00 && code <= 0xdfff;
    if (begun !== null && !(isSecondHalf && found.index === end)) return begun;
    if (begun === null && isSecondHalf) return found.index;
    begun = code >= 0xd800 && code <= 0xdbff ? found.index : null;
    end = found.index + found[0].length;
  }
  return begun;
}
