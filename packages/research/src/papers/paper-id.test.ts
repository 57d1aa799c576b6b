import { expect, it } from "vitest";
import { parsePaperId, semanticScholarName } from "./paper-id.ts";

it("a paper's name is understood in every usual form", () => {
  const arxiv = (id: string, version: number | null = null) => ({ kind: "arxiv", id, version });
  const forms: [string, object][] = [
    ["2106.09685", arxiv("2106.09685")],
    [" arXiv:2106.09685v2 ", arxiv("2106.09685", 2)],
    ["arxiv: 0704.0001", arxiv("0704.0001")],
    ["https://arxiv.org/abs/2106.09685v1", arxiv("2106.09685", 1)],
    ["http://export.arxiv.org/pdf/2106.09685v1.pdf", arxiv("2106.09685", 1)],
    ["arxiv.org/html/2106.09685v2#S3", arxiv("2106.09685", 2)],
    ["https://ar5iv.labs.arxiv.org/html/math/0309136", arxiv("math/0309136")],
    ["https://huggingface.co/papers/2605.15141", arxiv("2605.15141")],
    ["math/0309136", arxiv("math/0309136")],
    ["math.GT/0309136v1", arxiv("math/0309136", 1)],
    ["https://arxiv.org/abs/astro-ph/0601001", arxiv("astro-ph/0601001")],
    ["10.48550/arXiv.2106.09685", arxiv("2106.09685")],
    ["https://doi.org/10.1093/MIND/LIX.236.433", { kind: "doi", id: "10.1093/mind/lix.236.433" }],
    ["doi:10.2139/ssrn.2250500", { kind: "doi", id: "10.2139/ssrn.2250500" }],
    ["CorpusId:14514057", { kind: "corpus", id: "14514057" }],
    [
      "2d5673caa9e6af3a7b82a43f19ee920992db07ad",
      { kind: "semanticScholar", id: "2d5673caa9e6af3a7b82a43f19ee920992db07ad" },
    ],
    [
      "https://www.semanticscholar.org/paper/Computing-Machinery/2d5673caa9e6af3a7b82a43f19ee920992db07ad",
      { kind: "semanticScholar", id: "2d5673caa9e6af3a7b82a43f19ee920992db07ad" },
    ],
  ];
  for (const [text, id] of forms) expect(parsePaperId(text), text).toEqual(id);
});

it("what names no paper is told, with what would", () => {
  for (const text of [
    "",
    "attention is all you need",
    "2106.9",
    "https://example.org/x",
    "abs/../../etc",
    "%",
    "https://arxiv.org/abs/%zz",
  ]) {
    expect(() => parsePaperId(text), text).toThrow(expect.objectContaining({ code: "papers/bad_id" }));
  }
});

it("Semantic Scholar is asked by its own names", () => {
  expect(
    ["2106.09685v2", "10.1/x", "10.1234/x", "CorpusId:1"].flatMap((text) => {
      try {
        return semanticScholarName(parsePaperId(text));
      } catch {
        return [];
      }
    }),
  ).toEqual(["ARXIV:2106.09685", "DOI:10.1234/x", "CorpusId:1"]);
});
