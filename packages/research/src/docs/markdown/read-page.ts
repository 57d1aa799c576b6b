import { CodeFence } from "./code-fence.ts";
import { type Heading, headingOf } from "./heading.ts";

export interface Section {
  /** Headings that lead to it, its own last; without the title of the page. Empty for what stands below the title itself. */
  readonly headings: readonly string[];
  /** Of its heading; empty where a page begins without one. Two sections of a page may have the same. */
  readonly anchor: string;
  readonly level: number;
  /** Characters of the Markdown: from its heading up to the next one, whatever its level. */
  readonly start: number;
  readonly end: number;
}

export interface Page {
  /** Null where the page has no heading that could be one. */
  readonly title: string | null;
  readonly sections: readonly Section[];
}

/** Finds the sections of a Markdown page; headings within code and comments are none. Never fails: any text is a page. */
export function readPage(markdown: string): Page {
  const sections: Section[] = [];
  const above: Heading[] = [];
  let title: string | null = null;
  let open = { headings: [] as string[], anchor: "", level: 0, start: frontMatter(markdown).length };
  const close = (end: number): void => {
    const text = markdown.slice(open.start, end).replaceAll(/<!--[\s\S]*?(-->|$)/g, "");
    if (text.trim() !== "") sections.push({ ...open, end });
  };
  for (const { heading, at } of headingsIn(markdown)) {
    close(at);
    if (title === null && heading.level === 1) {
      title = heading.text;
      open = { headings: [], anchor: heading.anchor, level: 1, start: at };
      continue;
    }
    while ((above.at(-1)?.level ?? 0) >= heading.level) above.pop();
    above.push(heading);
    open = {
      headings: above.map(({ text }) => text),
      anchor: heading.anchor,
      level: heading.level,
      start: at,
    };
  }
  close(markdown.length);
  return { title: title ?? frontMatterTitle(markdown), sections };
}

function* headingsIn(markdown: string): Generator<{ readonly heading: Heading; readonly at: number }> {
  const fence = new CodeFence();
  let isComment = false;
  let previous = { text: "", at: 0 };
  let at = frontMatter(markdown).length;
  for (const line of markdown.slice(at).split("\n")) {
    const start = at;
    at += line.length + 1;
    if (isComment) {
      isComment = !line.includes("-->");
    } else if (fence.read(line) !== "text") {
      // Code, and what stands round it.
    } else if (/^\s*<!--/.test(line)) {
      isComment = !line.includes("-->");
    } else {
      const heading = headingOf(line);
      if (heading !== null) yield { heading, at: start };
      // Underlined headings.
      else if (/^(=+|-{3,})\s*$/.test(line) && /^[^\s|>#<-]/.test(previous.text)) {
        const underlined = headingOf(`${line.startsWith("=") ? "#" : "##"} ${previous.text}`);
        if (underlined !== null) yield { heading: underlined, at: previous.at };
      }
      previous = { text: heading === null ? line : "", at: start };
      continue;
    }
    previous = { text: "", at: start };
  }
}

function frontMatter(markdown: string): string {
  return /^---\r?\n[\s\S]*?\n---\r?\n/.exec(markdown)?.[0] ?? "";
}

function frontMatterTitle(markdown: string): string | null {
  return /^title:\s*["']?(.+?)["']?\s*$/m.exec(frontMatter(markdown))?.[1] ?? null;
}
