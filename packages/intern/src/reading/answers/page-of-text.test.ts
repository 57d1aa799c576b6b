import { expect, test } from "vitest";
import { pageOfLines, pageOfText } from "./page-of-text.ts";

test("pages of a long text make the whole, and no character is cut in two between them", () => {
  const text = `a${"😀".repeat(20_000)}`;
  let whole = "";
  for (let offset = 0; offset < text.length; offset = whole.length) {
    const page = pageOfText(text, offset).replace(/\n\[\d+ more characters; go on with offset \d+\]$/, "");
    expect(page).not.toMatch(/\p{Surrogate}/u);
    whole += page;
  }
  expect(whole).toBe(text);
});

test("lines come as many as fit into an answer, each at least in part, and the answer says where to go on", () => {
  const text = Array.from({ length: 100 }, (_, index) => `${index + 1} ${"x".repeat(400)}`).join("\n");
  const page = pageOfLines(text);
  expect(page.length).toBeLessThan(16_000);
  const next = Number(/go on with from_line (\d+)\]$/.exec(page)?.[1]);
  expect(pageOfLines(text, next)).toMatch(new RegExp(`^ *${next} {2}${next} x`));
  expect(pageOfLines(`${"y".repeat(500_000)}\nend`)).toMatch(
    /\[500000 characters in this line\]\n\[1 more lines; go on with from_line 2\]$/,
  );
  expect(pageOfLines("one\ntwo\n", 3)).toBe("[There is nothing from line 3 on: it has 2.]");
});
