export const SITE = "https://huggingface.co";

/** A page under huggingface.co/docs. */
export interface DocsRoute {
  readonly library: string;
  /** `v1.12.0`, `main`; null where the address names none. */
  readonly version: string | null;
  readonly language: string;
  /** Without ending; `index` for the set itself. */
  readonly page: string;
  readonly anchor: string | null;
}

/** What an address under huggingface.co/docs leads to; null for any other address. */
export function docsRoute(address: string): DocsRoute | null {
  if (!URL.canParse(address, SITE)) return null;
  const { host, pathname, hash } = new URL(address, SITE);
  if (host !== "huggingface.co" && host !== "hf.co") return null;
  const [docs, library, ...rest] = pathname.split("/").filter((part) => part !== "");
  if (docs !== "docs" || library === undefined || library.endsWith(".md")) return null;
  const version = /^(v\d[\w.]*|main|pr_\d+)$/.test(rest[0] ?? "") ? (rest.shift() ?? null) : null;
  // A page may have a name of two letters, but then nothing follows.
  const isLanguage =
    /^[a-z]{2}(-[a-zA-Z]{2,4})?$/.test(rest[0] ?? "") && (rest.length > 1 || rest[0] === "en");
  const language = (isLanguage && rest.shift()) || "en";
  const page = rest.join("/").replace(/(\.html)?\.mdx?$|\.html$/, "") || "index";
  return { library, version, language, page, anchor: hash === "" ? null : hash.slice(1) };
}

/** The address of a page for people; with `.md` behind it, that of its Markdown. */
export function docsUrl({ library, version, language, page }: Omit<DocsRoute, "anchor">): string {
  const inLanguage = version === null && language === "en" ? page : `${language}/${page}`;
  return `${SITE}/docs/${library}/${version === null ? "" : `${version}/`}${inLanguage}`;
}
