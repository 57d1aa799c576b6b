import type { HostManners } from "../http/host-gates.ts";

/** How the services that know papers want to be asked, for the `manners` of a `WebClient`. */
export const PAPER_MANNERS: Readonly<Record<string, HostManners>> = {
  // https://info.arxiv.org/help/api/tou.html: one request in three seconds, one connection at a time.
  "export.arxiv.org": { atOnce: 1, gapMs: 3_000 },
  "arxiv.org": { atOnce: 1, gapMs: 3_000 },
  "ar5iv.labs.arxiv.org": { atOnce: 1, gapMs: 1_000 },
  // https://www.semanticscholar.org/product/api: one request in a second, with a key of one's own too.
  "api.semanticscholar.org": { atOnce: 1, gapMs: 1_000 },
};
