import type { Element, ElementContent, Nodes } from "hast";
import { type Handle, type State, toMdast } from "hast-util-to-mdast";
import type { Nodes as MdastNodes, PhrasingContent } from "mdast";
import { gfmTableToMarkdown } from "mdast-util-gfm-table";
import { mathToMarkdown } from "mdast-util-math";
import { toMarkdown } from "mdast-util-to-markdown";
import { propertyOf } from "./html-tree.ts";

/** The element whose `value` is Markdown already, as a block or within a line. */
const MARKDOWN_BLOCK = "markdown-block";
const MARKDOWN_SPAN = "markdown-span";

/** A piece of finished Markdown as an element, to be put among others. */
export function markdownBlock(value: string): Element {
  return { type: "element", tagName: MARKDOWN_BLOCK, properties: { value }, children: [] };
}

export function markdownSpan(value: string): Element {
  // Text within it, so that the spaces around it count as between words.
  return {
    type: "element",
    tagName: MARKDOWN_SPAN,
    properties: { value },
    children: [{ type: "text", value }],
  };
}

const handlers: Record<string, Handle> = {
  [MARKDOWN_BLOCK]: (_, node) => custom({ type: "markdownBlock", value: propertyOf(node, "value") ?? "" }),
  [MARKDOWN_SPAN]: (_, node) => span(propertyOf(node, "value") ?? ""),
  math: (_, node) => {
    const value = texOf(node);
    if (value === "") return undefined;
    if (propertyOf(node, "display") === "block") return custom({ type: "math", value });
    return span(`$${value}$`);
  },
  sup: (state, node) => script(state, node, "^"),
  sub: (state, node) => script(state, node, "_"),
  // Where a paragraph holds a block (a formula of its own line), it is cut there.
  p: (state, node) => state.toFlow(state.all(node)),
};

/** Elements as Markdown: GFM tables, `$…$` for formulas, fenced code. Their depth must be bounded: see {@link htmlTree}. */
export function elementsToMarkdown(children: readonly ElementContent[]): string {
  const tree: Nodes = { type: "root", children: [...children] };
  const document = toMdast(tree, { document: true, handlers });
  return toMarkdown(document, {
    extensions: [
      gfmTableToMarkdown({ tablePipeAlign: false }),
      mathToMarkdown(),
      // biome-ignore lint/suspicious/noExplicitAny: handlers are declared for the standard nodes only
      { handlers: { markdownBlock: asIs, textDirective: asIs } as any },
    ],
    bullet: "-",
    emphasis: "*",
    fences: true,
    rule: "-",
    resourceLink: true,
  }).trim();
}

/** TeX without the line ends that LaTeXML escapes, and on one line. */
export function texOf(node: Element): string {
  return (propertyOf(node, "alttext") ?? "")
    .replaceAll(/(?<!\\)%\s*\n\s*/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** `10<sup>-4</sup>` is not 10-4. Other marks (footnotes, trade marks) are text. */
function script(state: State, node: Element, mark: string): MdastNodes[] {
  const children = state.all(node) as PhrasingContent[];
  const [only] = children;
  if (children.length !== 1 || only?.type !== "text" || !/^[-−+]?[\w.]{1,12}$/.test(only.value))
    return children;
  const value = only.value.length === 1 ? only.value : `{${only.value}}`;
  return [{ type: "text", value: `${mark}${value}` }];
}

/** Among the names of nodes that may stand in a line, one that HTML does not lead to. */
function span(value: string): MdastNodes {
  return custom({ type: "textDirective", value });
}

function asIs({ value }: { readonly value: string }): string {
  return value;
}

/** Nodes that the types of mdast do not name. */
function custom(node: { readonly type: string; readonly value: string }): MdastNodes {
  return node as unknown as MdastNodes;
}
