import { describe, expect, it } from "vitest";
import { analysePage } from "./analyse-page.ts";
import { DocsIndex } from "./docs-index.ts";
import { encodeIndex } from "./index-file.ts";
import { rank } from "./rank.ts";

function page(path: string, markdown: string, source = "lib") {
  return analysePage({ source, path, stamp: `${path}:${markdown.length}`, listedTitle: null, markdown });
}

function open(bytes: Uint8Array): DocsIndex {
  const index = DocsIndex.open(bytes);
  if (index === null) throw new Error("It is no index.");
  return index;
}

const pages = [
  page(
    "lora",
    "# LoRA\n\nAdapters.\n\n## Merge weights\n\nCall `merge_and_unload` to merge.\n\n## Rank\n\nChoose `r`.\n",
  ),
  page("trainer", "# Trainer\n\nIt trains. A trainer may merge batches.\n\n## Logging\n\nLog to disk.\n"),
  page("empty", ""),
];
const index = open(encodeIndex(pages));
const paths = (query: string): (string | undefined)[] =>
  rank(index, { query, limit: 9 }).map((found) => index.pages[found.page]?.path);

describe("the index", () => {
  it("finds pages with the section that answers", () => {
    const [first] = rank(index, { query: "how to merge the weights", limit: 5 });
    expect(index.pages[first!.page]?.path).toBe("lora");
    expect(index.pages[first!.page]?.sections[first!.section]?.headings).toEqual(["Merge weights"]);
    expect(paths("merge_and_unload")).toEqual(["lora", "trainer"]);
    expect(paths("logs")).toEqual(["trainer"]);
  });

  it("answers nothing to a question of which it has no word, or that is empty", () => {
    expect(paths("zebra")).toEqual([]);
    expect(paths("")).toEqual([]);
    expect(paths("the of")).toEqual([]);
    expect(rank(open(encodeIndex([])), { query: "merge", limit: 5 })).toEqual([]);
  });

  it("is the same whatever the order of the pages, and gives them back as they were", () => {
    const bytes = encodeIndex(pages);
    expect(Buffer.compare(encodeIndex([...pages].reverse()), bytes)).toBe(0);
    expect(Buffer.compare(encodeIndex([...open(bytes).analysedPages()]), bytes)).toBe(0);
  });

  it("is not opened when a bit of it is wrong, when it is cut short, or when it is something else", () => {
    const bytes = Buffer.from(encodeIndex(pages));
    for (const at of [0, 9, 60, bytes.length - 3]) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 4;
      expect(DocsIndex.open(damaged), `byte ${at}`).toBeNull();
    }
    expect(DocsIndex.open(bytes.subarray(0, bytes.length - 1))).toBeNull();
    expect(DocsIndex.open(Buffer.from("hello"))).toBeNull();
  });
});
