import type { WebClient } from "../http/web-client.ts";
import { arxivPaper } from "./arxiv.ts";
import { askServices, unlessAbsent } from "./ask-services.ts";
import { hfPaper } from "./hf-papers.ts";
import { mergePaper } from "./merge-papers.ts";
import type { Missing, Paper } from "./paper.ts";
import { PaperError } from "./paper-error.ts";
import { parsePaperId, semanticScholarName } from "./paper-id.ts";
import { semanticScholarPaper } from "./semantic-scholar.ts";

/** All that the services know of one paper. Throws `papers/bad_id`, `papers/unknown`, or `papers/unavailable` when none answers. */
export async function paperDetails(options: {
  readonly web: WebClient;
  readonly id: string;
  readonly signal: AbortSignal;
}): Promise<{ readonly paper: Paper; readonly missing: readonly Missing[] }> {
  const { web, signal } = options;
  const id = parsePaperId(options.id);
  const { answers, missing } = await askServices({
    what: `The paper ${id.id}`,
    ask: {
      ...(id.kind === "arxiv" && {
        arXiv: () => arxivPaper({ web, id: id.id, signal }),
        "Hugging Face": () => unlessAbsent(hfPaper({ web, id: id.id, signal })),
      }),
      "Semantic Scholar": () =>
        unlessAbsent(semanticScholarPaper({ web, name: semanticScholarName(id), signal })),
    },
    signal,
  });
  const papers = answers.flatMap(({ answer }) => answer ?? []);
  const [first, ...others] = papers;
  if (first === undefined) throw unknown(id.id, missing);
  return { paper: others.reduce(mergePaper, first), missing };
}

function unknown(id: string, missing: readonly Missing[]): PaperError {
  const left =
    missing.length === 0 ? "" : ` ${missing.map(({ source }) => source).join(" and ")} could not be asked.`;
  return new PaperError("papers/unknown", `No service knows a paper ${id}.${left}`, {
    mend: "Check the id; search for the title when it is known.",
  });
}
