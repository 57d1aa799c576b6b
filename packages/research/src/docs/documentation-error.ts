export type DocumentationErrorCode =
  /** The site has no documentation of that name, or the list of pages holds none. */
  | "docs/unknown_library"
  | "docs/no_pages"
  /** Something else came where Markdown, a list of pages or a specification is due. */
  | "docs/wrong_type"
  | "docs/unknown_source"
  | "docs/unknown_page"
  | "docs/unknown_section"
  | "docs/not_a_folder"
  /** Another process is changing what is kept. */
  | "docs/busy"
  | "docs/read_only"
  | "docs/damaged";

/** What kept documentation from being read, searched or kept, with the cause in words and what can be done. */
export class DocumentationError extends Error {
  override readonly name = "DocumentationError";
  readonly code: DocumentationErrorCode;
  readonly mend: string;

  constructor(
    code: DocumentationErrorCode,
    message: string,
    { mend, cause }: { readonly mend: string; readonly cause?: unknown },
  ) {
    super(message, { cause });
    this.code = code;
    this.mend = mend;
  }
}
