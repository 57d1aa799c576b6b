import type { Element, ElementContent, Nodes, Root } from "hast";
import { fromHtml } from "hast-util-from-html";
import { type TameOptions, tameHtml } from "./tame-html.ts";

/** The tree of a page, at a depth that functions may recurse into. */
export function htmlTree(html: string, options: TameOptions = {}): Root {
  return fromHtml(tameHtml(html, options), { fragment: false });
}

export function isElement(node: Nodes | undefined): node is Element {
  return node?.type === "element";
}

export function hasClass(element: Element, name: string): boolean {
  const { className } = element.properties;
  return Array.isArray(className) && className.includes(name);
}

/** A property as text; null where it is absent. */
export function propertyOf(element: Element, name: string): string | null {
  const value = element.properties[name];
  if (value === undefined || value === null || value === false) return null;
  return Array.isArray(value) ? value.join(" ") : String(value);
}

/** All elements below `node` that fit, in the order of the text; those inside one that fits are not looked for. */
export function elementsOf(node: Nodes, fits: (element: Element) => boolean): Element[] {
  if (!("children" in node)) return [];
  return node.children.flatMap((child) => {
    if (!isElement(child)) return [];
    return fits(child) ? [child] : elementsOf(child, fits);
  });
}

export function firstElement(node: Nodes, fits: (element: Element) => boolean): Element | null {
  if (!("children" in node)) return null;
  for (const child of node.children) {
    if (!isElement(child)) continue;
    const found = fits(child) ? child : firstElement(child, fits);
    if (found !== null) return found;
  }
  return null;
}

/** The address that relative addresses of a page stand for; a page's own `<base>` may itself be relative. */
export function baseOf(tree: Root, url: string): string {
  const base = firstElement(tree, ({ tagName }) => tagName === "base");
  const href = base === null ? null : propertyOf(base, "href");
  return href !== null && URL.canParse(href, url) ? new URL(href, url).href : url;
}

export function element(tagName: string, children: readonly ElementContent[] = []): Element {
  return { type: "element", tagName, properties: {}, children: [...children] };
}
