import { describe, expect, it } from "vitest";
import { htmlToMarkdown } from "./html-to-markdown.ts";
import { readablePage } from "./readable-page.ts";

const url = "https://example.org/a/b";

describe("a page as Markdown", () => {
  it("keeps headings, lists, tables, code, formulas and links, and leaves out what is not read", () => {
    const html = `<html><head><base href="/x/"><title>t</title><style>p{}</style></head><body>
      <nav>menu</nav><h1>A <em>b</em></h1>
      <p>Energy is <math alttext="E=mc^2"></math> at 10<sup>-4</sup>, for $5; <code>a*b</code>.
      <p><a href="y">link</a>, <a href="javascript:alert(1)">script</a>, <a href="#x">place</a> <img src="p.png" alt="pic">
      <math display="block" alttext="a=b"><mi>a</mi></math> then
      <ul><li>one<li>two<ul><li>in</ul></ul>
      <pre><code class="language-python">def f():\n  return 1\n</code></pre>
      <table><thead><tr><th>a<th>b|c</thead><tr><td>1<td>2</table>
      <script>alert("<p>no</p>")</script><p hidden>no</p><button>no</button></body></html>`;
    expect(htmlToMarkdown(html, { url })).toBe(
      [
        "# A *b*",
        "Energy is $E=mc^2$ at 10^{-4}, for \\$5; `a*b`.",
        "[link](https://example.org/x/y), script, place ![pic](https://example.org/x/p.png)",
        "$$\na=b\n$$",
        "then",
        "- one\n- two\n  - in",
        "```python\ndef f():\n  return 1\n```",
        "| a | b\\|c |\n| - | - |\n| 1 | 2 |",
      ].join("\n\n"),
    );
  });

  it("takes TeX from KaTeX and MathJax pages, which write every formula twice", () => {
    const html = `<p>so <span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></semantics></math></span><span aria-hidden="true">x2</span></span> holds</p>`;
    expect(htmlToMarkdown(html, { url })).toBe("so $x^2$ holds");
  });

  it("knows entities, and names of tags that are names of other things too", () => {
    const html =
      "<p>&Alpha;&#946;&#x3b3; &copy; a&nbsp;b &unknown; R&D <constructor>x</constructor> <a href='/?a=1&amp;b=2&copy=3'>y</a>";
    expect(htmlToMarkdown(html, { url })).toBe(
      "Αβγ © a\u00a0b \\&unknown; R\\&D x [y](https://example.org/?a=1\\&b=2\\&copy=3)",
    );
  });

  it("keeps the text of tags that overlap, never end or never began", () => {
    expect(htmlToMarkdown("<p>one <b>two <p>three</b></i> four < five <", { url })).toMatch(
      /one \*\*two\*\*\s+\**three\**\s+four < five </,
    );
  });
});

describe("a hostile page", () => {
  // Small enough for a fast test; `npm run bench:papers` reads 5 MB of each kind.
  const bytes = 100_000;
  const hostile: Readonly<Record<string, string>> = {
    "one tag within itself": "<div>",
    "bold paragraphs": "<b><p>",
    "tables within cells": "<table><tr><td>",
    "lists within lists": "<ul><li>",
    "links within links": "<a href=x>",
    "comments that never end": "<!--",
    "scripts that never end": "<script>",
    "formulas that never end": "<math>",
    "angle brackets": "<",
    "marks of Markdown": "*_[`",
    entities: "&amp;",
    attributes: `<p ${"a b='".repeat(1000)}>`,
    "rows that claim to span": "<table><tr><td colspan=1000 rowspan=1000>x",
  };
  for (const [name, piece] of Object.entries(hostile)) {
    it(`of ${name} is read in bounded time, without an overflow`, { timeout: 20_000 }, () => {
      const html = piece.repeat(bytes / piece.length);
      expect(typeof htmlToMarkdown(html, { url })).toBe("string");
      expect(readablePage(html, { url }).isArticle).toBeTypeOf("boolean");
    });
  }

  it("of one attribute without end is read too", () => {
    expect(htmlToMarkdown(`<p ${"a ".repeat(bytes)}>text`, { url })).toBe("text");
    expect(htmlToMarkdown(`<p title="${"a".repeat(bytes)}`, { url })).toBe("");
  });
});

describe("a page about something", () => {
  const paragraph =
    "<p>The seed alone moves the score of a small classifier by half a point, which is more than most tables claim.</p>";
  const page = `<html><head><title>Seeds &amp; noise</title></head><body><div class="menu"><a href="/">home</a> <a href="/x">x</a></div>
    <article><h1>Seeds</h1>${paragraph.repeat(8)}<p>See <a href="more">more</a>.</p></article><footer>All rights reserved</footer></body></html>`;

  it("is read without what surrounds it", () => {
    const { markdown, isArticle, title } = readablePage(page, { url });
    expect(isArticle).toBe(true);
    expect(title).toBe("Seeds & noise");
    expect(markdown).toContain("[more](https://example.org/a/more)");
    expect(markdown).not.toContain("All rights reserved");
  });

  it("of which no text is found is read as a whole", () => {
    const html =
      "<html><head><title>List</title></head><body><ul><li><a href='/1'>one</a><li><a href='/2'>two</a></ul></body></html>";
    const { markdown, title } = readablePage(html, { url });
    expect(title).toBe("List");
    expect(markdown).toContain("[one](https://example.org/1)");
  });

  it("that is no document at all is read as text", () => {
    expect(readablePage("just words", { url })).toMatchObject({
      markdown: "just words",
      isArticle: false,
      title: null,
    });
    expect(readablePage("", { url })).toMatchObject({ markdown: "" });
  });
});
