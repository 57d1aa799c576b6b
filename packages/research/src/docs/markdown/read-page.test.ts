import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { termsOf } from "../search/terms.ts";
import { anchorOf } from "./heading.ts";
import { plainText } from "./plain-text.ts";
import { readPage } from "./read-page.ts";

const corpus = new URL("../../../../../../shared/fixtures/docs-corpus", import.meta.url).pathname;

describe("a page of documentation", () => {
  it("has sections with the headings above them, and none within code or comments", () => {
    const markdown = `<!--Copyright
# not a heading
-->

# The \`Trainer\`

Intro.

## Use it[[api]]

\`\`\`python
# a comment, no heading
\`\`\`

### Deeper

1. step
    ~~~
    ## neither
    ~~~

## Last
`;
    const page = readPage(markdown);
    expect(page.title).toBe("The Trainer");
    expect(page.sections.map(({ headings, anchor }) => [headings.join(" > "), anchor])).toEqual([
      ["", "the-trainer"],
      ["Use it", "api"],
      ["Use it > Deeper", "deeper"],
      ["Last", "last"],
    ]);
    const deeper = page.sections[2]!;
    expect(markdown.slice(deeper.start, deeper.end)).toMatch(/^### Deeper[\s\S]*neither[\s\S]*~~~\n\n$/);
  });

  it("may name its title in front matter, and underline its headings", () => {
    const page = readPage("---\ntitle: Deep dive\n---\n\nFirst\n-----\n\ntext\n\n| a |\n|---|\n");
    expect(page.title).toBe("Deep dive");
    expect(page.sections.map(({ headings }) => headings)).toEqual([["First"]]);
  });

  it("is any text: without headings it is one section, empty it is none", () => {
    expect(readPage("just words").sections).toHaveLength(1);
    expect(readPage("").sections).toEqual([]);
    expect(readPage("```\n# never closed").sections).toHaveLength(1);
  });

  it("has the anchors of the site", () => {
    expect(anchorOf("Using `to_tf_dataset()`")).toBe("using-totfdataset");
    expect(anchorOf("Fine grained control over ranks and alpha (scaling)")).toBe(
      "fine-grained-control-over-ranks-and-alpha-scaling",
    );
    expect(anchorOf("What is a tool, and how to build one?")).toBe("what-is-a-tool-and-how-to-build-one");
  });

  it.skipIf(!existsSync(corpus))("has the anchors that other pages of real documentation link to", () => {
    const names = readdirSync(corpus, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.mdx?$/.test(name),
    );
    const anchors = new Map<string, Set<string>>();
    for (const name of names) {
      const { sections } = readPage(readFileSync(join(corpus, name), "utf8"));
      anchors.set(name.replace(/\.mdx?$/, ""), new Set(sections.map(({ anchor }) => anchor)));
    }
    let links = 0;
    const broken: string[] = [];
    for (const name of names) {
      const text = readFileSync(join(corpus, name), "utf8");
      for (const [, page = "", anchor = ""] of text.matchAll(/\]\((?!http)([\w./-]*)#([a-z][\w-]+)\)/g)) {
        const target =
          page === "" ? name.replace(/\.mdx?$/, "") : join(name, "..", page).replace(/\.mdx?$/, "");
        if (!anchors.has(target)) continue;
        links++;
        if (!anchors.get(target)?.has(anchor)) broken.push(`${name}: ${page}#${anchor}`);
      }
    }
    expect(links).toBeGreaterThan(150);
    // Some links of the corpus are wrong themselves: they name headings that were changed.
    expect(broken.length / links, broken.join("\n")).toBeLessThan(0.08);
  });

  it("is read in little time, whatever it was made of to take long", () => {
    const pieces = ["![", "[[", "<a ", "<!--", "`", "```", "# ", "> ", "| ", "[x](", "- a", "*", "a_B."];
    const began = performance.now();
    for (const piece of pieces) {
      for (const text of [piece.repeat(100_000), `${piece.repeat(20)}\n`.repeat(5_000)]) {
        const { sections } = readPage(text);
        for (const { start, end } of sections.slice(0, 1)) plainText(text.slice(start, end));
        plainText(text);
        expect([...termsOf(text)].length).toBeLessThan(1_000_000);
      }
    }
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it("says in prose and in code what it says, without markup", () => {
    const { text, code } = plainText(`> [!TIP]
> Set [\`~peft.LoraConfig\`] to \`r=8\`, see [the guide](lora#rank) &amp; ![picture](x.png)

<hfoptions id="x"><hfoption id="FSDP">
<Tip>

Beware.

</Tip>
[[autodoc]] LoraModel
    - merge_and_unload
\`\`\`py
model.merge()
\`\`\`
`);
    expect(text.split("\n").filter(Boolean)).toEqual([
      "Set peft.LoraConfig to r=8, see the guide & picture",
      "FSDP",
      "Beware.",
    ]);
    expect(code.split("\n")).toEqual([
      "~peft.LoraConfig",
      "r=8",
      "LoraModel",
      "merge_and_unload",
      "model.merge()",
    ]);
  });
});
