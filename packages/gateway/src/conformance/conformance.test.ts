import { expect, it } from "vitest";
import { conformancePage } from "./conformance-page.ts";
import { findProofs } from "./find-proofs.ts";
import { ALL_REQUIREMENTS, REQUIREMENTS } from "./requirements.ts";
import { verifies } from "./verifies.ts";

const proofs = findProofs(new URL("..", import.meta.url).pathname);
const gaps = ALL_REQUIREMENTS.filter(({ gap }) => gap !== undefined);
const open = ALL_REQUIREMENTS.filter(({ id, gap }) => gap === undefined && !proofs.has(id));

it(`of ${ALL_REQUIREMENTS.length} requirements, ${ALL_REQUIREMENTS.length - gaps.length - open.length} are proven and ${gaps.length} are known gaps; none is neither`, () => {
  expect(open.map(({ id }) => id)).toEqual([]);
});

it("tests prove only what is required, and ids are given once", () => {
  const ids = ALL_REQUIREMENTS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...proofs.keys()].filter((id) => !ids.includes(id))).toEqual([]);
});

it("a choice says why, and so does a gap", () => {
  for (const { id, level, because, gap } of ALL_REQUIREMENTS) {
    expect(level === "choice", id).toBe(because !== undefined);
    expect(gap === undefined || gap.length > 40, id).toBe(true);
  }
});

it("a test that claims a proof of something unknown fails", () => {
  const unknown = "no-such.id";
  expect(() => verifies(unknown)).toThrow("There is no requirement no-such.id");
});

it("docs/conformance.md says what the manifest says", async () => {
  const page = new URL("../../../../docs/conformance.md", import.meta.url).pathname;
  await expect(conformancePage(REQUIREMENTS)).toMatchFileSnapshot(page);
});
