/**
 * Reads documents out of tool results whose middle was left out because they were too long, or that came with line
 * numbers. A value that was itself cut is absent.
 */

export function parseJson(text: string): unknown {
  for (const candidate of [text, text.replaceAll(/^ *\d+ {2}/gm, "")]) {
    try {
      return JSON.parse(candidate);
    } catch {
      // the next reading may fit
    }
  }
  return undefined;
}

/** All whole values that stand behind `"key":` anywhere in the text, in order. */
export function valuesOf(text: string, key: string): unknown[] {
  const values: unknown[] = [];
  const name = `${JSON.stringify(key)}:`;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const value = wholeValue(text, at + name.length);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** The JSON value that begins at `start`, or undefined when it does not end before the text does. */
export function wholeValue(text: string, start: number): unknown {
  let at = start;
  while (text[at] === " ") at += 1;
  let depth = 0;
  let quoted = false;
  for (let end = at; end < text.length; end += 1) {
    const character = text[end];
    if (quoted) {
      if (character === "\\") end += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") depth += 1;
    else if ((character === "}" || character === "]" || character === ",") && depth === 0) {
      return parsed(text.slice(at, end));
    } else if (character === "}" || character === "]") depth -= 1;
    if (depth === 0 && !quoted && (character === "}" || character === "]")) {
      return parsed(text.slice(at, end + 1));
    }
  }
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
