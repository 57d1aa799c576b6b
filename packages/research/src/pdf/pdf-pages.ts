import { extractText, getDocumentProxy } from "unpdf";
import { WebError } from "../http/web-error.ts";

/** Longer documents are read up to here. */
const MOST_PAGES = 500;

export interface PdfPages {
  /** Text of each page in reading order as far as the file tells it. */
  readonly pages: readonly string[];
  /** How many the document has. */
  readonly total: number;
}

/** The text of a PDF. Pictures, also scanned pages, give none. Throws `web/malformed` for what is no PDF, or is locked. */
export async function pdfPages(
  bytes: Uint8Array,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal },
): Promise<PdfPages> {
  try {
    // The library takes the bytes for itself.
    const document = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0 });
    signal.throwIfAborted();
    const { text, totalPages } = await extractText(document, { mergePages: false });
    signal.throwIfAborted();
    return { pages: text.slice(0, MOST_PAGES), total: totalPages };
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WebError("web/malformed", `${url} cannot be read as a PDF: ${why}.`, {
      url,
      mend: "Look for another version of it.",
      cause,
    });
  }
}
