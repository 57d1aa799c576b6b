import type { Element, ElementContent, Nodes, Root } from "hast";
import { fromHtml } from "hast-util-from-html";
import { type HtmlSink, readHtml, type TameOptions } from "./tame-html.ts";

/** Entities of which nobody knows what they mean are looked up so often, then left as they are. */
const MOST_UNKNOWN = 1_000;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&apos;", "'"],
  ["&nbsp;", "\u00a0"],
]);

/** The names that HTML's attributes have in a tree. */
const PROPERTIES: ReadonlyMap<string, string> = new Map([
  ["class", "className"],
  ["colspan", "colSpan"],
  ["rowspan", "rowSpan"],
  ["datetime", "dateTime"],
  ["aria-hidden", "ariaHidden"],
  ["aria-label", "ariaLabel"],
]);

/** The tree of a page, at a depth that functions may recurse into. Has no positions: they cost more than the rest. */
export function htmlTree(html: string, options: TameOptions = {}): Root {
  const root: Root = { type: "root", children: [] };
  const open: (Root | Element)[] = [root];
  const decode = decoder();
  const add = (node: ElementContent): void => void open.at(-1)?.children.push(node);
  const sink: HtmlSink = {
    open: (tagName, attributes, isVoid) => {
      const properties: Element["properties"] = {};
      for (const [name, raw] of attributes) {
        const value = decode(raw);
        if (name === "class") properties.className = value.split(/\s+/).filter(Boolean);
        else properties[PROPERTIES.get(name) ?? name] = name === "hidden" ? true : value;
      }
      const node: Element = { type: "element", tagName, properties, children: [] };
      add(node);
      if (!isVoid) open.push(node);
    },
    close: () => void open.pop(),
    text: (raw) => {
      const parent = open.at(-1);
      const last = parent?.children.at(-1);
      // The line end behind an opening tag of code is not part of it.
      const isFirst = last === undefined && parent?.type === "element" && parent.tagName === "pre";
      const value = decode(isFirst ? raw.replace(/^\r?\n/, "") : raw);
      if (last?.type === "text") last.value += value;
      else add({ type: "text", value });
    },
  };
  readHtml(html, sink, options);
  return root;
}

/** Text with its entities as what they mean. */
function decoder(): (raw: string) => string {
  const known = new Map(ENTITIES);
  let unknown = 0;
  const lookUp = (entity: string): string => {
    const code = /^&#(?:x([\da-f]+)|(\d+));$/i.exec(entity);
    const number =
      code === null ? 0 : Number.parseInt(code[1] ?? code[2] ?? "", code[1] === undefined ? 10 : 16);
    if ((number >= 160 && number < 0xd800) || (number >= 0xe000 && number <= 0x10ffff)) {
      return String.fromCodePoint(number);
    }
    const meaning = known.get(entity);
    if (meaning !== undefined) return meaning;
    if (unknown++ >= MOST_UNKNOWN) return entity;
    const [node] = fromHtml(entity, { fragment: true }).children;
    const value = node?.type === "text" ? node.value : entity;
    known.set(entity, value);
    return value;
  };
  return (raw) =>
    raw.includes("&") ? raw.replaceAll(/&(?:#x?[\da-f]{1,8}|[a-z][a-z\d]{1,31});/gi, lookUp) : raw;
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
