import type { Element, ElementContent, Parents } from "hast";
import { baseOf, htmlTree, isElement, propertyOf } from "./html-tree.ts";
import { elementsToMarkdown } from "./to-markdown.ts";

const LEFT_OUT = new Set(["nav", "base", "head", "link", "meta", "title", "input"]);

/**
 * A page, or a piece of one, as Markdown: headings, lists, GFM tables, code, formulas as `$…$`, links and images with whole
 * addresses; no scripts, navigation, forms or hidden parts. Takes any HTML, however broken, in time that grows with its length.
 */
export function htmlToMarkdown(html: string, { url }: { readonly url: string }): string {
  const tree = htmlTree(html);
  const base = baseOf(tree, url);
  clean(tree, base);
  return elementsToMarkdown(tree.children.filter((child) => child.type !== "doctype"));
}

/** Leaves out what is not read, and completes addresses, in place. */
function clean(parent: Parents, base: string): void {
  const kept: ElementContent[] = [];
  for (const child of parent.children) {
    if (child.type === "text") kept.push(child);
    if (!isElement(child) || isLeftOut(child)) continue;
    complete(child, base);
    clean(child, base);
    kept.push(child);
  }
  parent.children = kept;
}

function isLeftOut(element: Element): boolean {
  const { tagName, properties } = element;
  if (LEFT_OUT.has(tagName) || properties.hidden === true) return true;
  return propertyOf(element, "ariaHidden") === "true" || propertyOf(element, "role") === "navigation";
}

function complete(element: Element, base: string): void {
  const { properties } = element;
  delete properties.title;
  for (const name of ["href", "src"]) {
    const value = propertyOf(element, name);
    if (value !== null) properties[name] = absolute(value, base);
  }
  if (element.tagName === "img" && propertyOf(element, "src") === null) element.tagName = "span";
  if (element.tagName === "a" && propertyOf(element, "href") === null) element.tagName = "span";
}

/** A whole web or mail address; null for one that only its page understands (scripts, places in the page, data). */
export function absolute(href: string, base: string): string | null {
  if (href.startsWith("#") || !URL.canParse(href, base)) return null;
  const url = new URL(href, base);
  return url.protocol === "https:" || url.protocol === "http:" || url.protocol === "mailto:"
    ? url.href
    : null;
}
