/**
 * Makes any HTML safe to build trees of. What comes out is well nested and at most {@link MOST_DEEP} deep, has at most
 * `mostElements` elements (by default {@link MOST_ELEMENTS}), only attributes that a reader needs, and nothing that is never
 * read (scripts, styles, forms, the insides of formulas). One pass, no recursion: time and memory grow with the length alone,
 * whatever is in the page. Not covered: what a script would have written, and the finer rules by which browsers mend
 * overlapping tags.
 */

/** Deeper elements are left out, and their text kept. */
const MOST_DEEP = 100;

/** Of a page with more, the text of the rest is kept without its tags. */
const MOST_ELEMENTS = 50_000;

export interface TameOptions {
  readonly mostElements?: number;
}

const LONGEST_ATTRIBUTE = 64 * 1024;

const VOID = setOf("area base br col embed hr img input link meta param source track wbr");

/** Dropped with all that is in them; the first group holds text that looks like tags. */
const RAW = setOf("script style textarea xmp noembed noframes iframe");
const DROPPED = setOf("noscript template svg canvas object select button dialog audio video map");

const ATTRIBUTES = setOf(
  "align alt alttext class colspan content datetime dir display hidden href id itemprop itemtype lang name property rel role " +
    "rowspan src start title aria-hidden aria-label",
);

interface Closing {
  readonly what: ReadonlySet<string>;
  readonly within: ReadonlySet<string>;
}

/** What an opening tag closes before itself, and the element that hides those outside it. */
const CLOSES: ReadonlyMap<string, Closing> = new Map([
  ...closing("li", "li", "ul ol menu table"),
  ...closing("dt dd", "dt dd", "dl table"),
  ...closing("tr", "tr td th", "table"),
  ...closing("td th", "td th", "tr table"),
  ...closing("thead tbody tfoot", "thead tbody tfoot tr td th caption colgroup", "table"),
  ...closing("option", "option", "select"),
  ...closing(
    "address article aside blockquote center details div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header " +
      "hr main menu nav ol p pre section table ul",
    "p",
    "td th li dd caption button object table div section article blockquote",
  ),
]);

/** Styles of what nobody sees: a place to hide words that only a model would read. */
const HIDING = /(display\s*:\s*none|visibility\s*:\s*hidden)/i;

const ATTRIBUTE = /[\s/]*([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/y;
const NAME = /[a-zA-Z][^\s/>]*/y;

/** What becomes of the pieces of a page; texts and values of attributes are as they stand there, with their entities. */
export interface HtmlSink {
  open(name: string, attributes: ReadonlyMap<string, string>, isVoid: boolean): void;
  close(name: string): void;
  text(raw: string): void;
}

/** The page as well nested HTML. */
export function tameHtml(html: string, options: TameOptions = {}): string {
  const out: string[] = [];
  const sink: HtmlSink = {
    open: (name, attributes) => {
      out.push(`<${name}${[...attributes].map(([key, value]) => ` ${key}="${value}"`).join("")}>`);
    },
    close: (name) => void out.push(`</${name}>`),
    text: (raw) => void out.push(raw),
  };
  readHtml(html, sink, options);
  return out.join("");
}

/** Tells the pieces of a page in their order; every element that is not void is closed. */
export function readHtml(html: string, sink: HtmlSink, { mostElements = MOST_ELEMENTS }: TameOptions): void {
  const open: string[] = [];
  const ends = new Ends(html);
  let elements = 0;
  let skipped: { readonly name: string; depth: number } | null = null;
  const write = (text: string): void => {
    if (skipped === null) sink.text(text);
  };
  const close = (): void => {
    sink.close(open.pop() ?? "");
  };

  let at = 0;
  while (at < html.length) {
    const tag = html.indexOf("<", at);
    if (tag < 0) {
      write(html.slice(at));
      break;
    }
    if (tag > at) write(html.slice(at, tag));
    const next = html.charCodeAt(tag + 1);
    if (next === 33 || next === 63) {
      // A comment, a doctype or an instruction.
      at = html.startsWith("<!--", tag) ? ends.after("-->", tag + 4) : ends.after(">", tag + 2);
      continue;
    }
    const isEnd = next === 47;
    NAME.lastIndex = tag + (isEnd ? 2 : 1);
    const name = NAME.exec(html)?.[0].toLowerCase();
    if (name === undefined) {
      write("&lt;");
      at = tag + 1;
      continue;
    }
    if (isEnd) {
      at = ends.after(">", NAME.lastIndex);
      if (skipped !== null) {
        if (skipped.name === name && --skipped.depth === 0) skipped = null;
        continue;
      }
      const place = open.lastIndexOf(name);
      if (place >= 0) while (open.length > place) close();
      continue;
    }
    const { attributes, end, isSelfClosing } = attributesAt(html, NAME.lastIndex);
    at = end;
    if (name === "math") {
      const begin = at;
      at = ends.after("</math>", begin);
      if (skipped !== null || elements++ >= mostElements) continue;
      sink.open(name, formula(attributes, html.slice(begin, at)), false);
      sink.close(name);
      continue;
    }
    if (RAW.has(name)) {
      at = ends.after(`</${name}`, at);
      at = ends.after(">", at);
      continue;
    }
    if (skipped !== null) {
      if (skipped.name === name && !isSelfClosing) skipped.depth++;
      continue;
    }
    if (DROPPED.has(name)) {
      if (!isSelfClosing) skipped = { name, depth: 1 };
      continue;
    }
    for (const each = CLOSES.get(name); each !== undefined; ) {
      const last = open.findLast((one) => each.what.has(one) || each.within.has(one));
      if (last === undefined || !each.what.has(last)) break;
      while (open.at(-1) !== last) close();
      close();
    }
    if (elements >= mostElements || open.length >= MOST_DEEP) {
      write(" ");
      continue;
    }
    elements++;
    const isVoid = VOID.has(name);
    sink.open(name, attributes, isVoid);
    if (!isVoid) open.push(name);
  }
  while (open.length > 0) close();
}

/** Finds the ends of things without looking twice for what is not there. */
class Ends {
  readonly #html: string;
  readonly #absent = new Set<string>();

  constructor(html: string) {
    this.#html = html;
  }

  /** The position behind the next `what`; the end where there is none. */
  after(what: string, from: number): number {
    if (this.#absent.has(what)) return this.#html.length;
    const expression = new RegExp(what, "gi");
    expression.lastIndex = from;
    if (expression.test(this.#html)) return expression.lastIndex;
    this.#absent.add(what);
    return this.#html.length;
  }
}

function attributesAt(
  html: string,
  from: number,
): {
  readonly attributes: ReadonlyMap<string, string>;
  readonly end: number;
  readonly isSelfClosing: boolean;
} {
  const attributes = new Map<string, string>();
  let at = from;
  while (at < html.length && html[at] !== ">") {
    ATTRIBUTE.lastIndex = at;
    const match = ATTRIBUTE.exec(html);
    if (match === null) {
      at++;
      continue;
    }
    at = ATTRIBUTE.lastIndex;
    const key = match[1]?.toLowerCase() ?? "";
    const value = match[2] ?? match[3] ?? match[4] ?? "";
    if (key === "style" && HIDING.test(value)) attributes.set("hidden", "");
    if (!ATTRIBUTES.has(key) || attributes.has(key)) continue;
    if (value.length <= LONGEST_ATTRIBUTE) attributes.set(key, value.replaceAll('"', "&quot;"));
  }
  return { attributes, end: at + 1, isSelfClosing: html[at - 1] === "/" };
}

/** A formula as one empty element with its TeX. */
function formula(attributes: ReadonlyMap<string, string>, inside: string): ReadonlyMap<string, string> {
  const annotated = /<annotation[^>]*application\/x-tex[^>]*>([^<]*)/.exec(inside)?.[1];
  const tex = attributes.get("alttext") ?? annotated ?? inside.replaceAll(/<[^>]*>/g, "");
  const kept = new Map([["alttext", tex.trim().replaceAll('"', "&quot;")]]);
  for (const name of ["id", "display", "class"]) {
    const value = attributes.get(name);
    if (value !== undefined) kept.set(name, value);
  }
  return kept;
}

function closing(names: string, what: string, within: string): [string, Closing][] {
  const rule = { what: setOf(what), within: setOf(within) };
  return names.split(" ").map((name) => [name, rule]);
}

function setOf(names: string): ReadonlySet<string> {
  return new Set(names.split(" "));
}
