import { seededRandom } from "@ml-intern/testkit";
import { expect, test } from "vitest";
import { IdSet } from "./id-set.ts";

test("a set keeps what it had, whatever is added to it or to those before it", () => {
  const random = seededRandom(3);
  const made: { readonly set: IdSet; readonly model: ReadonlySet<string> }[] = [
    { set: IdSet.EMPTY, model: new Set() },
  ];
  for (let round = 0; round < 500; round++) {
    const { set, model } = random.oneIn(3) ? random.pick(made) : made.at(-1)!;
    const id = String(random.below(300));
    made.push({ set: set.with(id), model: new Set([...model, id]) });
  }
  const names = Array.from({ length: 300 }, (_, id) => String(id));
  for (const { set, model } of made) {
    expect(names.filter((name) => set.has(name))).toEqual(names.filter((name) => model.has(name)));
  }
});
