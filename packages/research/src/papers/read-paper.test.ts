import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WebClient } from "../http/web-client.ts";
import { type Answer, answering } from "../testing/answers.ts";
import { pdfOf } from "../testing/pdf-of.ts";
import { recordings } from "../testing/recorded-fetch.ts";
import { latexmlPaper } from "./latexml-paper.ts";
import { readPaper } from "./read-paper.ts";
import { extractRecipe, recipeOf } from "./recipe.ts";

const signal = new AbortController().signal;
const folder = recordings();
if (folder === null) console.warn("read-paper: no recordings beside this checkout; their tests are left out");

const HTML = "arxiv.org/html/";
const AR5IV = "ar5iv.labs.arxiv.org/html/";
const PDF = "arxiv.org/pdf/";

function client(routes: Readonly<Record<string, Answer | readonly Answer[]>>) {
  const fetch = answering(routes);
  return { web: new WebClient({ cache: null, fetch, random: () => -0.5 }), asked: fetch.asked };
}

const noHtml: Answer = { status: 404, file: "arxiv/html.not-found.404.html" };
const paperPage = { [HTML]: "arxiv/html.paper.html" };

describe.skipIf(folder === null)("a paper as HTML", () => {
  it("begins with its contents, with anchors that LaTeXML gives", async () => {
    const { web, asked } = client(paperPage);
    const { title, source, contents, text, next, tried } = await readPaper({
      web,
      id: "0000.00000v1",
      signal,
    });
    expect(asked).toEqual(["https://arxiv.org/html/0000.00000v1"]);
    expect(title).toBe(
      "How Many Seeds Does a Fine-Tuning Comparison Need? A Fixture Paper with Invented Numbers",
    );
    expect({ source, tried, next }).toEqual({ source: "arXiv HTML", tried: [], next: null });
    expect(contents.map(({ anchor, number, level }) => `${level} ${anchor} ${number}`.trim())).toEqual([
      "1 abstract",
      "1 S1 1",
      "1 S2 2",
      "2 S2.SS1 2.1",
      "2 S2.SS2 2.2",
      "3 S2.SS2.SSS1 2.2.1",
      "4 S2.SS2.SSS1.Px1",
      "1 S3 3",
      "1 S4 4",
      "2 S4.SS1 4.1",
      "2 S4.SS2 4.2",
      "2 S4.SS3 4.3",
      "1 S5 5",
      "1 S6 6",
      "1 Sx1",
      "1 bib",
      "1 A1 A",
      "2 A1.SS1 A.1",
      "1 A2 B",
    ]);
    expect(contents.find(({ anchor }) => anchor === "S2.SS2")).toMatchObject({
      slug: "paired-comparison",
      title: "Paired comparison",
    });
    expect(text).toContain("### 2.2 Paired comparison {#S2.SS2}");
  });

  it("is clean Markdown: nothing of the page, of HTML or of macros that were not understood", async () => {
    const { web } = client(paperPage);
    const { text } = await readPaper({ web, id: "0000.00000v1", limit: 100_000, signal });
    expect(text).not.toMatch(/Report issue|Dismiss|undefinedacronym|<[a-z]+|ltx_|xref|Back to arXiv|⬇/);
    expect(text).toContain("Low-rank adaptation [1] trains two thin matrices");
    expect(text).toContain(
      "Many of these comparisons rest on one run per arm. (footnote: We counted 31 of 40 tables",
    );
    expect(text).toContain(
      "**Proposition 1.**\n\nIf the paired differences are independent and normal with variance $2\\sigma_{0}^{2}(1-\\rho)$, then",
    );
    expect(text).toContain(
      '```python\nconfig = {"r": 16, "lora_alpha": 32, "lora_dropout": 0.05}\nfor seed in range(20):\n    score',
    );
  });

  it("keeps tables whole, what spans repeated; equations as TeX with their numbers; figures by caption; references with links", async () => {
    const { web } = client(paperPage);
    const part = async (section: string) =>
      (await readPaper({ web, id: "0000.00000", section, signal })).text;
    expect(await part("S4.T1")).toBe(
      [
        "**Table 1:** Accuracy in percent, mean and standard deviation over 20 seeds. Best value per column in bold. {#S4.T1}",
        "",
        "| Method | Rank | Task / Topic | Task / Intent | Task / Tone |",
        "| - | - | - | - | - |",
        "| Linear probe | – | 81.2 $\\pm$ 0.4 | 74.9 $\\pm$ 0.5 | 66.0 $\\pm$ 0.9 |",
        "| LoRA | 8 | 88.7 $\\pm$ 0.6 | 83.1 $\\pm$ 0.8 | 72.4 $\\pm$ 1.1 |",
        "| LoRA | 16 | 88.9 $\\pm$ 0.6 | **83.6 $\\pm$ 0.7** | 72.2 $\\pm$ 1.1 |",
        "| Full fine-tuning | – | **89.4 $\\pm$ 0.5** | 83.5 $\\pm$ 0.9 | **73.0 $\\pm$ 1.0** |",
      ].join("\n"),
    );
    expect(await part("2.1")).toContain(
      "B\\in\\mathbb{R}^{d\\times r},\\;A\\in\\mathbb{R}^{r\\times k}, \\tag{1}\n$$",
    );
    expect(await part("S2.E3")).toBe("$$\nt =\\frac{\\bar{d}}{s_{d}/\\sqrt{n}}\n$$");
    expect(await part("S3.F1")).toBe(
      "**Figure 1:** Test accuracy of one recipe under twenty seeds. The dashed line is the mean. {#S3.F1}\n\n![](https://arxiv.org/html/0000.00000v1/x1.png)",
    );
    expect(await part("bib.bib2")).toContain("[arXiv:2305.14314](https://arxiv.org/abs/2305.14314)");
    expect(await part("references")).toContain(
      "- [4] Student. The probable error of a mean. *Biometrika*, 6(1):1–25, 1908. {#bib.bib4}",
    );
  });

  it("is read by section, by anchor, number or words of the title, with the sections within it", async () => {
    const { web } = client(paperPage);
    for (const section of ["S2.SS2", "#s2.ss2", "2.2", "Section 2.2", "paired-comparison", "paired"]) {
      const { anchor, text } = await readPaper({ web, id: "0000.00000", section, signal });
      expect(anchor, section).toBe("S2.SS2");
      expect(text).toContain("What is held fixed.");
      expect(text).not.toContain("Noise Floor");
    }
    expect(await readPaper({ web, id: "0000.00000", section: "Appendix B", signal })).toMatchObject({
      anchor: "A2",
    });
    await expect(
      readPaper({ web, id: "0000.00000", section: "Setup of the rig", signal }),
    ).rejects.toMatchObject({
      code: "papers/no_section",
      mend: expect.stringContaining("S4.SS1 (4.1 Setup)"),
    });
  });

  it("is cut between paragraphs, and goes on where it was cut until nothing is left", async () => {
    const { web } = client(paperPage);
    const whole = (await readPaper({ web, id: "0000.00000", limit: 100_000, signal })).text;
    const pieces: string[] = [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const { text, next } = await readPaper({ web, id: "0000.00000", from, limit: 1500, signal });
      expect(text.length).toBeLessThanOrEqual(1500);
      pieces.push(text);
      from = next?.from;
    }
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join("\n\n")).toBe(whole);
    await expect(readPaper({ web, id: "0000.00000", from: -1, signal })).rejects.toMatchObject({
      code: "papers/bad_request",
    });
  });
});

describe.skipIf(folder === null)("a paper without HTML at arXiv", () => {
  it("is read from ar5iv: the same text, and it is said", async () => {
    const { web, asked } = client({ [HTML]: "arxiv/html.stub.html", [AR5IV]: "arxiv/ar5iv.paper.html" });
    const { source, tried, text, note } = await readPaper({
      web,
      id: "0000.00000v2",
      limit: 100_000,
      signal,
    });
    expect(asked[1]).toBe("https://ar5iv.labs.arxiv.org/html/0000.00000");
    expect(source).toBe("ar5iv");
    expect(tried).toEqual([{ source: "arXiv HTML", why: "It holds no text of the paper." }]);
    expect(note).toContain("older version");
    const own = await readPaper({ web: client(paperPage).web, id: "0000.00000", limit: 100_000, signal });
    expect(text.replaceAll(/!\[\].*/g, "")).toBe(own.text.replaceAll(/!\[\].*/g, ""));
  });

  const pages = [
    [
      "How Many Pages Does a Paper Need",
      "Ada Example",
      "Abstract",
      "We count pages. It is enough to write a few lines that",
      "are long, and break a word at an end of a line, like hyphen-",
      "ation does.",
    ],
    [
      "1 Introduction",
      "Pages are counted [1].",
      "1 Intel Xeon was used",
      "2 Method",
      "2.1 Setup",
      "The learning rate is 2e-4 with AdamW.",
    ],
    [
      "3 Results",
      "We reach 91.5% accuracy on CIFAR-10.",
      "References",
      "[1] A. Author. Pages. arXiv:2106.09685, 2021.",
      "[2] B. Author. Lines. 2020.",
    ],
  ];

  it("is read from its PDF at last: headings are guessed, pages marked, and it is said", async () => {
    const { web } = client({
      [HTML]: noHtml,
      [AR5IV]: "arxiv/ar5iv.redirected-to-abs.html",
      [PDF]: { body: pdfOf(pages) },
    });
    const { source, tried, note, contents, text, title } = await readPaper({ web, id: "2605.13301", signal });
    expect(source).toBe("PDF");
    expect(title).toBe("How Many Pages Does a Paper Need");
    expect(tried.map((each) => each.source)).toEqual(["arXiv HTML", "ar5iv"]);
    expect(note).toContain("headings are guessed");
    expect(contents.map(({ anchor, title: name }) => `${anchor} ${name}`)).toEqual([
      "front Front matter",
      "Sx-abstract Abstract",
      "S1 Introduction",
      "S2.SS1 Setup",
      "S3 Results",
      "bib References",
    ]);
    expect(text).toContain("like hyphenation does.");
    expect(text).toContain("[page 2]");
    expect(text).toContain("1 Intel Xeon was used");
    const { hyperParameters, results } = await extractRecipe({ web, id: "2605.13301", signal });
    expect(hyperParameters.map(({ name, value }) => `${name} ${value}`)).toEqual([
      "learning rate 2e-4",
      "optimizer AdamW",
    ]);
    expect(results).toMatchObject([{ metric: "accuracy", value: "91.5%", on: "CIFAR-10", anchor: "S3" }]);
  });

  it("and of a PDF without headings page by page", async () => {
    const { web } = client({
      [HTML]: noHtml,
      [AR5IV]: noHtml,
      [PDF]: { body: pdfOf([["one line of words"], ["another line"]]) },
    });
    const { contents, text } = await readPaper({ web, id: "2605.13301", section: "Page 2", signal });
    expect(contents.map(({ anchor }) => anchor)).toEqual(["page-1", "page-2"]);
    expect(text).toContain("another line");
  });

  it("and without any text says why each source had none", async () => {
    const damaged: Answer = { body: "%PDF-1.4 and then nothing" };
    for (const pdf of [
      damaged,
      { body: "<html>captcha</html>" },
      { body: pdfOf([[]]) },
      { status: 404 },
    ] satisfies Answer[]) {
      const { web } = client({
        [HTML]: noHtml,
        [AR5IV]: { status: 503, headers: { "retry-after": "999" } },
        [PDF]: pdf,
      });
      await expect(readPaper({ web, id: "9999.99999", signal })).rejects.toMatchObject({
        code: "papers/no_text",
        message: expect.stringMatching(/arXiv HTML: .* ar5iv: .* PDF: /),
      });
    }
    const later: Answer = { status: 429, headers: { "retry-after": "300" } };
    const { web: busy } = client({ [HTML]: later, [AR5IV]: noHtml, [PDF]: later });
    await expect(readPaper({ web: busy, id: "9999.99999", signal })).rejects.toMatchObject({
      mend: expect.stringMatching(/^Ask again in 300 s/),
    });
    // Some answer 200 where they mean 404.
    const said = client({ [HTML]: "arxiv/html.not-found.404.html", [AR5IV]: noHtml, [PDF]: { status: 404 } });
    await expect(readPaper({ web: said.web, id: "9999.99999", signal })).rejects.toMatchObject({
      code: "papers/no_text",
    });
    await expect(readPaper({ web: said.web, id: "no paper", signal })).rejects.toMatchObject({
      code: "papers/bad_id",
    });
  });

  it("named by its DOI is read where Semantic Scholar knows it to be open", async () => {
    const s2 = (over: object) => ({ body: JSON.stringify({ paperId: "a".repeat(40), title: "T", ...over }) });
    const route = "api.semanticscholar.org/";
    const arxiv = client({ [route]: s2({ externalIds: { ArXiv: "0000.00000" } }), ...paperPage });
    expect(await readPaper({ web: arxiv.web, id: "10.1234/x", signal })).toMatchObject({
      source: "arXiv HTML",
    });
    const open = client({
      [route]: s2({ openAccessPdf: { url: "https://example.org/x.pdf" } }),
      "example.org/": { body: pdfOf(pages) },
    });
    expect(await readPaper({ web: open.web, id: "10.1234/x", signal })).toMatchObject({
      source: "PDF",
      url: "https://example.org/x.pdf",
    });
    const closed = client({ [route]: s2({}) });
    await expect(readPaper({ web: closed.web, id: "10.1234/x", signal })).rejects.toMatchObject({
      code: "papers/no_text",
      message: expect.stringContaining("not open"),
    });
  });
});

describe("LaTeXML's other ways", () => {
  const article = (inside: string) =>
    `<article class="ltx_document"><section id="S1" class="ltx_section"><h2 class="ltx_title"><span class="ltx_tag">1 </span>One</h2>${inside}<p class="ltx_p">${"word ".repeat(60)}</p></section></article>`;
  const read = (inside: string) => latexmlPaper(article(inside), "https://arxiv.org/html/2401.00001v2")!;

  it("tables of spans in a box that was scaled, with rows of headings marked as such", () => {
    const cell = (text: string, more = "") => `<span class="ltx_td ${more}">${text}</span>`;
    const { tables, sections } = read(
      `<figure id="S1.T1" class="ltx_table"><div class="ltx_inline-block ltx_transformed_outer"><span class="ltx_transformed_inner"><span class="ltx_p"><span class="ltx_tabular">
        <span class="ltx_thead"><span class="ltx_tr">${cell("Model", "ltx_rowspan ltx_rowspan_2")}${cell("GLUE", "ltx_colspan ltx_colspan_2")}</span><span class="ltx_tr">${cell("CoLA")}${cell("SST|2")}</span></span>
        <span class="ltx_tbody"><span class="ltx_tr">${cell("A")}${cell("1")}${cell("2")}</span></span></span></span></span></div>
        <figcaption class="ltx_caption"><span class="ltx_tag ltx_tag_table">Table 1: </span>Scores.</figcaption></figure>`,
    );
    expect(tables).toEqual([
      {
        anchor: "S1.T1",
        label: "Table 1",
        caption: "Scores.",
        rows: [
          ["Model", "GLUE / CoLA", "GLUE / SST|2"],
          ["A", "1", "2"],
        ],
        section: "S1",
      },
    ]);
    expect(sections[0]?.markdown).toContain(
      "**Table 1:** Scores. {#S1.T1}\n\n| Model | GLUE / CoLA | GLUE / SST\\|2 |",
    );
  });

  it("two tables in one figure have two anchors; a table that claims a million cells has few", () => {
    const table = "<table class='ltx_tabular'><tr class='ltx_tr'><td class='ltx_td'>x</td></tr></table>";
    const { tables } = read(
      `<figure id="S1.T2" class="ltx_table">${table}${table}<figcaption>Both.</figcaption></figure>${table}`,
    );
    expect(tables.map(({ anchor }) => anchor)).toEqual(["S1.T2", "S1.T2.2", "S1.tab3"]);
    const claim =
      "<table class='ltx_tabular'><tr><td colspan=99999 rowspan=99999>x</td></tr><tr><td>y</td></tr></table>";
    expect(read(claim).tables[0]?.rows[0]).toHaveLength(200);
  });

  it("a cell of several lines is one line; an algorithm is code with its formulas; a reference may have no label", () => {
    const lines = "<table class='ltx_tabular'><tr><td>two</td></tr><tr><td>lines</td></tr></table>";
    const bibliography =
      "<section class='ltx_bibliography' id='bib'><ul><li class='ltx_bibitem' id='b'>A. Author. arXiv preprint arXiv:1607.06450, 2016.</li></ul></section>";
    const html = article(
      `<table class="ltx_tabular"><tr class="ltx_tr"><td class="ltx_td">${lines}</td><td class="ltx_td"><math alttext="a|b"></math></td></tr></table>
      <figure class="ltx_float ltx_algorithm" id="alg1"><figcaption><span class="ltx_tag">Algorithm 1: </span>Do.</figcaption>
      <div class="ltx_listing"><div class="ltx_listingline"><span class="ltx_text ltx_font_bold">for</span> <math alttext="i=1"></math> do</div></div></figure>`,
    ).replace("</article>", `${bibliography}</article>`);
    const { tables, sections, references } = latexmlPaper(html, "https://arxiv.org/html/2401.00001v2")!;
    expect(tables.map(({ rows }) => rows)).toEqual([[["two lines", "$a|b$"]]]);
    expect(sections[0]?.markdown).toContain("**Algorithm 1:** Do. {#alg1}\n\n```\nfor $i=1$ do\n```");
    expect(sections.at(-1)?.markdown).toContain("- A. Author. arXiv preprint arXiv:1607.06450, 2016. {#b}");
    expect(references[0]).toMatchObject({ label: "", arxiv: "1607.06450" });
  });

  it("links to places in the same paper are words, others have whole addresses", () => {
    const { sections } = read(
      `<p class="ltx_p">See <a class="ltx_ref" href="https://arxiv.org/html/2401.00001v1#S1.T1">Table 1</a> and <a class="ltx_ref" href="x.html">x</a>.</p>`,
    );
    expect(sections[0]?.markdown).toContain("See Table 1 and [x](https://arxiv.org/html/x.html).");
  });
});

describe.skipIf(folder === null)("a recipe", () => {
  const page = readFileSync(join(folder ?? "/", "arxiv/html.paper.html"), "utf8");

  it("is what the paper says, each field with the line that says it", async () => {
    const text = latexmlPaper(page, "https://arxiv.org/html/0000.00000v1")!;
    const recipe = recipeOf(text);
    expect(recipe.hyperParameters.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      "seeds: 20",
      "seeds: twenty",
      "learning rate: 2\\cdot 10^{-4}",
      "batch size: $32$",
      "warm-up: $0.03$",
      "optimizer: AdamW",
      "dropout: 0.05",
      "rank: 16",
      "alpha: 32",
      "learning rate: $\\{1,2,5\\}\\cdot 10^{-4}$",
      "dropout: $\\{0,0.05\\}$",
      "rank: $\\{4,8,16,32\\}$",
      "rank: 8",
    ]);
    expect(recipe.model.map(({ value }) => value)).toEqual(["model with 14 million parameters"]);
    expect(recipe.data.map(({ value }) => value)).toEqual(["three synthetic tasks", "three tasks"]);
    expect(recipe.metrics.map(({ value }) => value.toLowerCase())).toEqual(["accuracy"]);
    expect(recipe.results.map(({ value, on, method, metric }) => [method, on, metric, value])).toEqual([
      ["LoRA", "Task / Intent", "Accuracy", "83.6 $\\pm$ 0.7"],
      ["Full fine-tuning", "Task / Topic", "Accuracy", "89.4 $\\pm$ 0.5"],
      ["Full fine-tuning", "Task / Tone", "Accuracy", "73.0 $\\pm$ 1.0"],
    ]);
    const written = text.sections.map(({ markdown }) => markdown).join("\n");
    for (const { quote, value, anchor } of Object.values(recipe).flat()) {
      expect(written).toContain(quote);
      expect(quote).toContain(value);
      expect([...text.sections, ...text.tables].map((each) => each.anchor)).toContain(anchor);
    }
  });

  it("of a paper that names nothing is empty: nothing is invented", () => {
    const section = {
      anchor: "S1",
      slug: "s",
      number: "1",
      title: "Letter",
      level: 1,
      markdown: "We met in spring, and $x=3$ was agreed.",
    };
    expect(recipeOf({ sections: [section], tables: [] })).toEqual({
      data: [],
      model: [],
      hyperParameters: [],
      metrics: [],
      results: [],
    });
  });

  it("finds settings in a table of settings, and names of models and data in sentences", () => {
    const markdown =
      "We fine-tune Qwen2.5-7B-Instruct on the UltraChat dataset for 3 epochs with a batch size of 128 and bf16 on 8 H100 GPUs. It reaches an F1 of 38.5 on SQuAD.";
    const section = { anchor: "S1", slug: "s", number: "1", title: "Training", level: 1, markdown };
    const rows = [
      ["Setting", "Value"],
      ["Learning rate", "1e-5"],
      ["Weight decay", "0.1"],
      ["Note", "3"],
    ];
    const { model, data, hyperParameters, results } = recipeOf({
      sections: [section],
      tables: [{ anchor: "A1.T1", label: "Table 1", caption: "Settings.", rows, section: "A1" }],
    });
    expect(model[0]?.value).toBe("Qwen2.5-7B-Instruct");
    expect(data.map(({ value }) => value)).toEqual(expect.arrayContaining(["UltraChat", "SQuAD"]));
    expect(Object.fromEntries(hyperParameters.map(({ name, value }) => [name, value]))).toEqual({
      "batch size": "128",
      epochs: "3",
      precision: "bf16",
      hardware: "8 H100 GPUs",
      "learning rate": "1e-5",
      "weight decay": "0.1",
    });
    expect(hyperParameters.at(-1)).toMatchObject({ quote: "| Weight decay | 0.1 |", anchor: "A1.T1" });
    expect(results).toMatchObject([{ metric: "F1", value: "38.5", on: "SQuAD" }]);
  });
});
