/** The places that an answer names, by what its author did with them. */
export interface CheckedSources {
  /** Opened: a tool's answer was the text of this place. */
  readonly read: readonly string[];
  /** Only named in what was read, such as a list of search results. */
  readonly seen: readonly string[];
  /** Nowhere in what was read: remembered, or made up. */
  readonly unknown: readonly string[];
}

const ADDRESS = /https?:\/\/[^\s<>"'`|\\)\]}]+|\barXiv:\s?\d{4}\.\d{4,5}/gi;
const SOURCE = /<material source="([^"]+)"/g;

/**
 * Holds the addresses and papers that an answer names against the results of the calls that its author made. Whether a passage
 * says what the answer claims is not checked; that somebody has read it is.
 */
export function checkSources(answer: string, results: readonly string[]): CheckedSources {
  const named = new Map(
    [...answer.matchAll(ADDRESS)].map(([address]) => [placeOf(address), trimmed(address)]),
  );
  const opened = new Set(
    results.flatMap((text) => [...text.matchAll(SOURCE)].map(([, source = ""]) => placeOf(source))),
  );
  const mentioned = new Set(
    results.flatMap((text) => [...text.matchAll(ADDRESS)].map(([address]) => placeOf(address))),
  );
  const checked = { read: [] as string[], seen: [] as string[], unknown: [] as string[] };
  for (const [place, address] of named) {
    const what = opened.has(place) ? "read" : mentioned.has(place) ? "seen" : "unknown";
    checked[what].push(address);
  }
  return checked;
}

/** What is worth a warning, for whoever builds on the answer; null where every place that it names was read. */
export function describeSources({ seen, unknown }: CheckedSources): string | null {
  const parts = [
    ...(unknown.length > 0 ? [`in nothing that the agent has read: ${unknown.join(", ")}`] : []),
    ...(seen.length > 0 ? [`named by others, and not opened: ${seen.join(", ")}`] : []),
  ];
  return parts.length === 0 ? null : `[sources ${parts.join("; ")}]`;
}

/** One name for one place: without scheme, `www.`, anchor and ending; a paper by its id wherever it is shown. */
function placeOf(address: string): string {
  const text = trimmed(address).toLowerCase();
  const paper = /(?:arxiv:\s?|arxiv\.org\/(?:abs|pdf|html)\/|huggingface\.co\/papers\/)(\d{4}\.\d{4,5})/.exec(
    text,
  )?.[1];
  if (paper !== undefined) return `arxiv:${paper}`;
  return text
    .replace(/^https?:\/\/(www\.)?/, "")
    .replace(/[#?].*$/, "")
    .replace(/(\.md|\.html|\/)$/, "");
}

/** Without what ends the sentence around it. */
function trimmed(address: string): string {
  return address.replace(/[.,;:!?*_]+$/, "");
}
