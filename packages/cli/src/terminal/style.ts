/** Colours for one output stream; every function returns its text unchanged where colours are not wanted. */
export interface Style {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly verified: (text: string) => string;
  readonly claimed: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly failure: (text: string) => string;
  readonly tool: (text: string) => string;
}

export function createStyle(colours: boolean): Style {
  const paint =
    (code: string) =>
    (text: string): string =>
      colours && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text;
  return {
    dim: paint("2"),
    bold: paint("1"),
    verified: paint("1;32"),
    claimed: paint("33"),
    warning: paint("33"),
    failure: paint("31"),
    tool: paint("36"),
  };
}

/** Follows NO_COLOR and FORCE_COLOR, else colours a terminal. */
export function wantsColours(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "0") return true;
  return stream.isTTY === true && env.TERM !== "dumb";
}
