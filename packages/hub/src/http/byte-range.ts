export type ByteRange =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number /** Inclusive. */; readonly end: number }
  | { readonly kind: "unsatisfiable" };

/** Reads a Range header. Several ranges, other units and what is malformed mean the whole file, as HTTP allows. */
export function parseByteRange(header: string | undefined, size: number): ByteRange {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match) return { kind: "whole" };
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return { kind: "whole" };
    const length = Math.min(Number(last), size);
    return length === 0 ? { kind: "unsatisfiable" } : { kind: "part", start: size - length, end: size - 1 };
  }
  if (last !== "" && Number(last) < Number(first)) return { kind: "whole" };
  if (Number(first) >= size) return { kind: "unsatisfiable" };
  return {
    kind: "part",
    start: Number(first),
    end: last === "" ? size - 1 : Math.min(Number(last), size - 1),
  };
}
