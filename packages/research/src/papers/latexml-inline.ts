import type { Element, ElementContent } from "hast";
import { absolute } from "../markdown/html-to-markdown.ts";
import { hasClass, isElement, propertyOf } from "../markdown/html-tree.ts";
import { texOf } from "../markdown/to-markdown.ts";
import { plain } from "./plain-text.ts";

/** What LaTeXML adds for its own purposes, and macros that it did not understand. */
const LEFT_OUT = [
  "ltx_ERROR",
  "ltx_note_mark",
  "ltx_tag_note",
  "ltx_tag_item",
  "ltx_listing_data",
  "ltx_pagination",
  "ltx_rule",
];

export function isLeftOut(element: Element): boolean {
  return element.tagName === "nav" || LEFT_OUT.some((name) => hasClass(element, name));
}

/** One line of Markdown: formulas, emphasis, code and links; for cells, captions, titles and references. */
export function inlineMarkdown(nodes: readonly ElementContent[], base: string): string {
  return plain(nodes.map((node) => inline(node, base)).join(""));
}

function inline(node: ElementContent, base: string): string {
  if (node.type === "text") return node.value;
  if (!isElement(node) || isLeftOut(node)) return "";
  if (node.tagName === "math") return `$${texOf(node)}$`;
  if (node.tagName === "br") return " ";
  const inside = node.children.map((child) => inline(child, base)).join("");
  const text = plain(inside);
  if (text === "") return inside === "" ? "" : " ";
  if (isFootnote(node)) return ` (footnote: ${text})`;
  if (node.tagName === "a") {
    const href = placeIn(node, base) === null ? absolute(propertyOf(node, "href") ?? "#", base) : null;
    return href === null ? inside : `[${text}](${href})`;
  }
  if (node.tagName === "strong" || hasClass(node, "ltx_font_bold")) return around(inside, "**");
  if (node.tagName === "em") return around(inside, "*");
  if (hasClass(node, "ltx_font_typewriter") && !text.includes("`")) return around(inside, "`");
  const isBlock =
    /^(div|p|li|tr|figure|td|th)$/.test(node.tagName) || hasClass(node, "ltx_p") || hasClass(node, "ltx_td");
  return isBlock ? ` ${inside} ` : inside;
}

export function isFootnote(element: Element): boolean {
  return hasClass(element, "ltx_note") && !hasClass(element, "ltx_role_thanks");
}

/** The anchor within the same paper that a link leads to. */
export function placeIn(link: Element, base: string): string | null {
  const href = propertyOf(link, "href") ?? "";
  if (href.startsWith("#")) return href.slice(1);
  if (!href.includes("#") || !URL.canParse(href, base)) return null;
  const [to, from] = [new URL(href, base), new URL(base)];
  const page = (url: URL): string => url.host + url.pathname.replace(/\/$/, "").replace(/v\d+$/, "");
  return page(to) === page(from) ? to.hash.slice(1) : null;
}

/** Marks stand next to words, spaces outside. */
function around(text: string, mark: string): string {
  const [, before = "", words = "", after = ""] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text) ?? [];
  return words.startsWith(mark) ? text : `${before}${mark}${words}${mark}${after}`;
}
