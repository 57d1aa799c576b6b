import type { Random } from "@ml-intern/testkit";

/** One block of a prompt before it is written as a request. Blocks of the same kind and text mean the same. */
export interface SketchedBlock {
  readonly kind: "tool" | "system" | "user" | "answer" | "thinking" | "call" | "result";
  /** A few letters; for calls and results their id. */
  readonly text: string;
  readonly marker: "5m" | "1h" | null;
}

/** A prompt as a list: tools, system prompt, then turns of questions, answers, and calls with their results. */
export type Sketch = readonly SketchedBlock[];

const LETTERS = "abc";

/** A prompt of a few blocks out of few words, so that two of them often begin alike. */
export function randomSketch(random: Random, turns: number): Sketch {
  const blocks: SketchedBlock[] = [];
  const add = (kind: SketchedBlock["kind"], text = word(random)): void => {
    blocks.push({ kind, text, marker: null });
  };
  // Tools need names of their own.
  for (let count = random.below(3); count > 0; count--) add("tool", `${word(random)}${count}`);
  for (let count = random.below(3); count > 0; count--) add("system");
  add("user");
  for (let turn = random.below(turns + 1); turn > 0; turn--) addTurn(random, add);
  return blocks;
}

/** The conversation goes on. */
export function withTurn(sketch: Sketch, random: Random): Sketch {
  const blocks = [...sketch];
  addTurn(random, (kind, text = word(random)) => blocks.push({ kind, text, marker: null }));
  return blocks;
}

function addTurn(random: Random, add: (kind: SketchedBlock["kind"], text?: string) => void): void {
  if (random.oneIn(4)) add("thinking");
  if (random.oneIn(2)) {
    const ids = Array.from({ length: random.below(random.oneIn(5) ? 30 : 4) + 1 }, (_, at) => `${at}`);
    for (const id of ids) add("call", id);
    for (const id of ids) add("result", id);
  } else {
    add("answer");
    // Sometimes more than a window holds.
    for (let count = random.below(random.oneIn(5) ? 25 : 2) + 1; count > 0; count--) add("user");
  }
}

function word(random: Random): string {
  return Array.from({ length: 1 + random.below(2) }, () => LETTERS[random.below(LETTERS.length)]).join("");
}

/** The same prompt with up to four markers that a request may have, an hour before five minutes. */
export function withMarkers(sketch: Sketch, random: Random): Sketch {
  const count = random.below(5);
  const places = sketch.flatMap(({ kind }, at) => (kind === "thinking" ? [] : at));
  // Mostly near the end, as clients set them.
  const chosen = Array.from({ length: count }, () =>
    random.oneIn(2) ? places.at(-1 - random.below(Math.min(3, places.length))) : random.pick(places),
  );
  const marked = [...new Set(chosen)].sort((one, other) => Number(one) - Number(other));
  const hours = random.below(marked.length + 1);
  return sketch.map((block, at) => {
    const order = marked.indexOf(at);
    return { ...block, marker: order < 0 ? null : order < hours ? "1h" : "5m" };
  });
}
