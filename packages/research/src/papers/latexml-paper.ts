import type { Element, ElementContent } from "hast";
import { absolute } from "../markdown/html-to-markdown.ts";
import {
  baseOf,
  element,
  elementsOf,
  firstElement,
  hasClass,
  htmlTree,
  isElement,
  propertyOf,
} from "../markdown/html-tree.ts";
import { elementsToMarkdown, markdownBlock, markdownSpan, texOf } from "../markdown/to-markdown.ts";
import { inlineMarkdown, isFootnote, isLeftOut, placeIn } from "./latexml-inline.ts";
import { isTabular, tableRows } from "./latexml-table.ts";
import {
  captionLine,
  gfmTable,
  type PaperEquation,
  type PaperFigure,
  type PaperReference,
  type PaperSection,
  type PaperTable,
  type PaperText,
  slugOf,
} from "./paper-text.ts";
import { plain } from "./plain-text.ts";

const LEVELS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    ltx_part: 1,
    ltx_chapter: 1,
    ltx_section: 1,
    ltx_appendix: 1,
    ltx_bibliography: 1,
    ltx_acknowledgements: 1,
    ltx_subsection: 2,
    ltx_subsubsection: 3,
    ltx_paragraph: 4,
    ltx_subparagraph: 5,
  }),
);

/** Less is a page without a paper: where its source was a PDF, for instance. */
const SHORTEST = 200;

/** A long paper with many tables has more than other pages. */
const MOST_ELEMENTS = 200_000;

type Parts = Pick<PaperText, "title" | "sections" | "tables" | "equations" | "figures" | "references">;

/** The paper in a page that LaTeXML made (arXiv, ar5iv); null when the page holds none. */
export function latexmlPaper(html: string, url: string): Parts | null {
  const tree = htmlTree(html, { mostElements: MOST_ELEMENTS });
  const paper = firstElement(tree, (each) => hasClass(each, "ltx_document") && each.tagName === "article");
  if (paper === null) return null;
  const reader = new Reader(baseOf(tree, url));
  reader.read(paper);
  const length = reader.sections.reduce((sum, { markdown }) => sum + markdown.length, 0);
  return length < SHORTEST ? null : reader;
}

/** Walks a paper once, and keeps what it finds. */
class Reader implements Parts {
  title: string | null = null;
  readonly sections: PaperSection[] = [];
  readonly tables: PaperTable[] = [];
  readonly equations: PaperEquation[] = [];
  readonly figures: PaperFigure[] = [];
  readonly references: PaperReference[] = [];
  readonly #base: string;
  readonly #slugs = new Set<string>();
  /** The anchor of the section that is being read. */
  #section = "front";

  constructor(base: string) {
    this.#base = base;
  }

  read(paper: Element): void {
    this.#readSection(paper, { anchor: "front", number: "", title: "Front matter", level: 1 });
  }

  #readSection(parent: Element, head: Omit<PaperSection, "slug" | "markdown">): void {
    const place = this.sections.length;
    this.#section = head.anchor;
    const body: ElementContent[] = [];
    const inner: Element[] = [];
    const take = (node: ElementContent): void => {
      if (!isElement(node)) body.push(...this.#rewrite(node));
      else if (isTitle(node) && inner.length === 0 && levelOf(parent) !== null) return;
      else if (hasClass(node, "ltx_title_document"))
        this.title = inlineMarkdown(node.children, this.#base).replace(/ \(footnote: .*\)$/, "");
      else if (hasClass(node, "ltx_authors")) return;
      else if (levelOf(node) !== null || hasClass(node, "ltx_abstract")) inner.push(node);
      else if (
        firstElement(node, (each) => levelOf(each) !== null || hasClass(each, "ltx_abstract")) !== null
      )
        node.children.forEach(take);
      else body.push(...this.#rewrite(node));
    };
    parent.children.forEach(take);
    const markdown = elementsToMarkdown(body);
    if (head.anchor !== "front" || markdown !== "") {
      this.sections.splice(place, 0, { ...head, slug: slugOf(head.title, this.#slugs), markdown });
    }
    for (const each of inner) this.#readInner(each);
  }

  #readInner(node: Element): void {
    if (hasClass(node, "ltx_abstract")) {
      const text = node.children.filter((child) => !isElement(child) || !isTitle(child));
      this.#readSection(element("div", text), {
        anchor: "abstract",
        number: "",
        title: "Abstract",
        level: 1,
      });
      return;
    }
    const title = node.children.find((child): child is Element => isElement(child) && isTitle(child));
    const tag = title && firstElement(title, (each) => hasClass(each, "ltx_tag"));
    const number = tag
      ? plain(inlineMarkdown(tag.children, this.#base))
          .replace(/^Appendix\s+/i, "")
          .replace(/\.$/, "")
      : "";
    const words = title ? inlineMarkdown(without(title, tag ?? null), this.#base) : "";
    const head = {
      anchor: propertyOf(node, "id") ?? `section-${this.sections.length}`,
      number,
      title: words || "Untitled",
      level: levelOf(node) ?? 1,
    };
    if (hasClass(node, "ltx_bibliography")) this.#readReferences(node, head);
    else this.#readSection(node, head);
  }

  #readReferences(node: Element, head: Omit<PaperSection, "slug" | "markdown">): void {
    for (const item of elementsOf(node, (each) => hasClass(each, "ltx_bibitem"))) {
      const tag = firstElement(item, (each) => hasClass(each, "ltx_tag_bibitem"));
      const text = inlineMarkdown(without(item, tag), this.#base);
      const links = elementsOf(item, ({ tagName }) => tagName === "a").flatMap((link) =>
        placeIn(link, this.#base) === null
          ? (absolute(propertyOf(link, "href") ?? "#", this.#base) ?? [])
          : [],
      );
      const label = tag === null ? "" : inlineMarkdown(tag.children, this.#base).replaceAll(/^\[|\]$/g, "");
      const arxiv =
        /arxiv(?:\.org\/(?:abs|pdf)\/|[:.\s]\s*(?:preprint\s+arxiv:)?)(\d{4}\.\d{4,5}|[a-z-]+\/\d{7})/i.exec(
          text,
        )?.[1];
      this.references.push({
        anchor: propertyOf(item, "id") ?? `bib.${this.references.length + 1}`,
        label,
        text,
        links: [...new Set(links)],
        arxiv: arxiv ?? null,
      });
    }
    const markdown = this.references
      .map(({ anchor, label, text }) => `- ${label === "" ? "" : `[${label}] `}${text} {#${anchor}}`)
      .join("\n");
    this.sections.push({ ...head, slug: slugOf(head.title, this.#slugs), markdown });
  }

  #rewriteAll(nodes: readonly ElementContent[]): ElementContent[] {
    return nodes.flatMap((node) => this.#rewrite(node));
  }

  /** What stands for a node of LaTeXML in plain HTML. */
  #rewrite(node: ElementContent): ElementContent[] {
    if (!isElement(node)) return node.type === "text" ? [text(node.value)] : [];
    if (isLeftOut(node)) return [];
    if (isTabular(node)) return [this.#table(node, null)];
    if (isEquation(node)) return this.#equation(node);
    if (hasClass(node, "ltx_listing")) return [listing(node, this.#base)];
    if (node.tagName === "figure") return this.#figure(node);
    if (node.tagName === "cite") return [markdownSpan(inlineMarkdown(node.children, this.#base))];
    if (node.tagName === "img") return this.#image(node);
    if (node.tagName === "math") return [node];
    const children = this.#rewriteAll(node.children);
    if (isFootnote(node)) return [text(" (footnote: "), ...children, text(")")];
    if (node.tagName === "a") return this.#link(node, children);
    if (isTitle(node)) {
      const words = inlineMarkdown(node.children, this.#base).replaceAll("**", "");
      return [element("p", [markdownSpan(`**${words}**`)])];
    }
    return [{ type: "element", tagName: plainName(node, children), properties: {}, children }];
  }

  #link(node: Element, children: ElementContent[]): ElementContent[] {
    const href =
      placeIn(node, this.#base) === null ? absolute(propertyOf(node, "href") ?? "#", this.#base) : null;
    return href === null ? children : [{ type: "element", tagName: "a", properties: { href }, children }];
  }

  #image(node: Element): ElementContent[] {
    const src = absolute(propertyOf(node, "src") ?? "#", this.#base);
    return src === null ? [] : [markdownSpan(`![](${src})`)];
  }

  #figure(node: Element): ElementContent[] {
    const caption = node.children.find(
      (child): child is Element => isElement(child) && child.tagName === "figcaption",
    );
    const tag = caption && firstElement(caption, (each) => hasClass(each, "ltx_tag"));
    const item = {
      anchor: propertyOf(node, "id") ?? `${this.#section}.F${this.figures.length + 1}`,
      label: tag ? inlineMarkdown(tag.children, this.#base).replace(/:$/, "") : "",
      caption: caption ? inlineMarkdown(without(caption, tag ?? null), this.#base) : "",
    };
    const images = elementsOf(node, ({ tagName }) => tagName === "img").flatMap(
      (each) => absolute(propertyOf(each, "src") ?? "#", this.#base) ?? [],
    );
    const isTable = firstElement(node, isTabular) !== null;
    if (!isTable) this.figures.push({ ...item, images });
    const first = this.tables.length;
    const content = this.#rewriteAll(node.children.filter((child) => child !== caption));
    for (const [index, table] of this.tables.slice(first).entries()) {
      if (table.label !== "") continue;
      const anchor = index === 0 ? item.anchor : `${item.anchor}.${index + 1}`;
      this.tables[first + index] = { ...table, ...item, anchor };
    }
    const line = caption ? [markdownBlock(captionLine(item))] : [];
    return [...line, element("div", content)];
  }

  #table(node: Element, anchor: string | null): ElementContent {
    const rows = tableRows(node, this.#base);
    const name = anchor ?? propertyOf(node, "id") ?? `${this.#section}.tab${this.tables.length + 1}`;
    this.tables.push({ anchor: name, label: "", caption: "", rows, section: this.#section });
    return markdownBlock(gfmTable(rows));
  }

  #equation(node: Element): ElementContent[] {
    const rows = elementsOf(node, (each) => hasClass(each, "ltx_eqn_row"));
    const lines = (rows.length > 0 ? rows : [node]).map((row) => ({
      row,
      tag: firstElement(row, (each) => hasClass(each, "ltx_tag_equation")),
      tex: elementsOf(row, ({ tagName }) => tagName === "math")
        .map(texOf)
        .join(" ")
        .replaceAll(/\\displaystyle\s*/g, ""),
    }));
    return lines.flatMap(({ row, tag, tex }) => {
      if (tex === "") return [];
      const number = tag === null ? "" : inlineMarkdown(tag.children, this.#base).replaceAll(/[()]/g, "");
      const holder = elementsOf(
        node,
        (each) => each.tagName === "tbody" && propertyOf(each, "id") !== null,
      ).find((body) => firstElement(body, (each) => each === row) !== null);
      const anchor = propertyOf(row, "id") ?? (holder && propertyOf(holder, "id")) ?? propertyOf(node, "id");
      this.equations.push({
        anchor: anchor ?? `${this.#section}.E${this.equations.length + 1}`,
        number,
        tex,
      });
      return [markdownBlock(`$$\n${tex}${number === "" ? "" : ` \\tag{${number}}`}\n$$`)];
    });
  }
}

function levelOf(node: Element): number | null {
  const { className } = node.properties;
  const names = Array.isArray(className) ? className.map(String) : [];
  // A theorem's or a figure's parts have such classes too, but no tag of a section.
  if (node.tagName !== "section" && !names.includes("ltx_acknowledgements")) return null;
  return names.map((name) => LEVELS.get(name)).find((level) => level !== undefined) ?? null;
}

function isTitle(node: Element): boolean {
  return (
    hasClass(node, "ltx_title") && /^h[1-6]$/.test(node.tagName) && !hasClass(node, "ltx_title_document")
  );
}

function isEquation(node: Element): boolean {
  return hasClass(node, "ltx_equation") || hasClass(node, "ltx_equationgroup");
}

/** Elements that LaTeXML writes as spans and divisions, by what they are. */
function plainName(node: Element, children: readonly ElementContent[]): string {
  if (hasClass(node, "ltx_font_bold")) return "strong";
  if (hasClass(node, "ltx_font_typewriter")) return "code";
  if (hasClass(node, "ltx_p")) return "p";
  if (
    node.tagName === "span" &&
    children.some((child) => isElement(child) && /^(p|div|markdown-block)$/.test(child.tagName))
  )
    return "div";
  return node.tagName;
}

/** Code as it was written, where the page carries it; else its lines. */
function listing(node: Element, base: string): ElementContent {
  const data = firstElement(node, (each) => (propertyOf(each, "href") ?? "").startsWith("data:text/plain"));
  const encoded = data === null ? undefined : propertyOf(data, "href")?.split("base64,")[1];
  const lines = elementsOf(node, (each) => hasClass(each, "ltx_listingline")).map((line) =>
    codeText(line, base),
  );
  const code = encoded === undefined ? lines.join("\n") : Buffer.from(encoded, "base64").toString("utf8");
  const { className } = node.properties;
  const language = (Array.isArray(className) ? className : [])
    .map(String)
    .find((name) => name.startsWith("ltx_lst_language_"));
  const properties =
    language === undefined ? {} : { className: [`language-${language.slice(17).toLowerCase()}`] };
  return element("pre", [{ type: "element", tagName: "code", properties, children: [text(code)] }]);
}

/** Spaces count in code. */
function codeText(node: ElementContent, base: string): string {
  if (node.type === "text") return node.value.replaceAll("\n", "").replaceAll("\u00a0", " ");
  if (!isElement(node) || isLeftOut(node)) return "";
  return node.tagName === "math"
    ? `$${texOf(node)}$`
    : node.children.map((child) => codeText(child, base)).join("");
}

function without(parent: Element, left: Element | null): ElementContent[] {
  return parent.children.flatMap((child) => {
    if (child === left) return [];
    if (!isElement(child) || left === null || firstElement(child, (each) => each === left) === null)
      return [child];
    return [{ ...child, children: without(child, left) }];
  });
}

function text(value: string): ElementContent {
  return { type: "text", value };
}
