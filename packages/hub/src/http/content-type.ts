const images: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

const texts = new Set(
  "md txt csv tsv json jsonl yaml yml toml py sh lock cfg ini log xml html svg js ts gitattributes gitignore".split(
    " ",
  ),
);

/** What a browser may do with a file: look at pictures, read text, download the rest. HTML and SVG are text here. */
export function contentTypeOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const extension = name.slice(name.lastIndexOf(".") + 1);
  if (images[extension]) return images[extension];
  return texts.has(extension) || !name.includes(".")
    ? "text/plain; charset=utf-8"
    : "application/octet-stream";
}
