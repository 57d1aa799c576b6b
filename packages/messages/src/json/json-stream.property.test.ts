import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { documentChecker } from "./testing/check-document.ts";
import { seededRandom } from "./testing/random.ts";
import { mutated, randomCuts, randomDocument } from "./testing/random-document.ts";
import { readReference } from "./testing/reference-parser.ts";

const CORPUS = new URL("../../fuzz/corpus/", import.meta.url);

function expectNoFault(text: string, cuts: readonly number[]): void {
  const check = documentChecker(text);
  for (const cut of cuts) {
    const fault = check(cut);
    if (fault !== null) expect.fail(`${fault}: ${JSON.stringify(text)} cut at ${cut}`);
  }
}

describe("generated texts, cut in two", () => {
  it("that are JSON give JSON.parse's value, the partial value at the cut, and every value's event", () => {
    const random = seededRandom(1);
    for (let count = 0; count < 10_000; count++) {
      const text = randomDocument(random);
      expect(() => JSON.parse(text)).not.toThrow();
      expectNoFault(text, randomCuts(random, text));
    }
  });

  it("that were broken are refused like JSON.parse refuses them, at the first character that nothing can mend", () => {
    const random = seededRandom(2);
    for (let count = 0; count < 10_000; count++) {
      const text = mutated(random, randomDocument(random));
      expectNoFault(text, randomCuts(random, text));
    }
  });
});

describe("the corpus of what fuzzing found", () => {
  const files = readdirSync(CORPUS).filter((name) => name.endsWith(".json"));

  it.each(files)("%s", (name) => {
    const { text } = JSON.parse(readFileSync(new URL(name, CORPUS), "utf8")) as { text: string };
    expectNoFault(
      text,
      Array.from({ length: text.length + 1 }, (_, cut) => cut),
    );
  });
});

describe("the reference parser that judges the others", () => {
  it.each<[pieces: string[], count: number, ends: string[]]>([
    [["[", "]", "{", "}", '""', ":", ",", "0", "n"], 5, ["", "0", "ull", ":0", '"":0']],
    [[..."-01.eE+"], 5, ["", "0"]],
    [[...'"\\u0x\n'], 6, ['""', '"', 'n"', 'u0000"', '0000"', '000"', '00"', '0"', ""]],
  ])(
    "finds the first fault that no continuation can mend, in all texts made of %j",
    (pieces, count, ends) => {
      const canBeMended = (text: string): boolean => ends.some((end) => isJson(text + end + closersOf(text)));

      function visit(text: string, fault: number | null, left: number): void {
        const { outcome, position } = readReference(text);
        const found = outcome === "fault" ? position : null;
        if (found !== fault) expect.fail(`a fault at ${found}, not ${fault}, in ${JSON.stringify(text)}`);
        if (left === 0) return;
        for (const piece of pieces) {
          const longer = text + piece;
          visit(longer, fault ?? (canBeMended(longer) ? null : text.length), left - 1);
        }
      }
      visit("", null, count);
    },
  );
});

/** The brackets that are still open in a text without brackets in strings, closed. */
function closersOf(text: string): string {
  let closers = "";
  for (const character of text) {
    if (character === "[") closers = `]${closers}`;
    if (character === "{") closers = `}${closers}`;
    if (character === "]" || character === "}") closers = closers.slice(1);
  }
  return closers;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
