import { readFileSync } from "node:fs";
import { hardHonest, hardLoops } from "./hard.ts";
import { honest } from "./honest.ts";
import { looping } from "./looping.ts";
import type { Answers, Transcript } from "./transcript.ts";

const demo = JSON.parse(readFileSync(new URL("demo.json", import.meta.url), "utf8")) as readonly Answers[];

/** Written before the guards. */
export const corpus: readonly Transcript[] = [
  ...looping,
  ...honest,
  { name: "the demo of the recipes, as it was recorded", messages: demo, loops: [] },
];

/** Written after them, where they might fail. */
export const hard: readonly Transcript[] = [...hardLoops, ...hardHonest];
