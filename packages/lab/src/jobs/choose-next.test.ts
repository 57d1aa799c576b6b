import { expect, it } from "vitest";
import { chooseNext } from "./choose-next.ts";

const request = (labDirectory: string, submittedMs: number) => ({ labDirectory, submittedMs });

it("takes the oldest, but lets a session that waits go before one that has a run under way", () => {
  const queue = [request("a", 2), request("a", 1), request("b", 3)];
  expect(chooseNext(queue, [])).toEqual(request("a", 1));
  expect(chooseNext(queue, [{ labDirectory: "a" }])).toEqual(request("b", 3));
  expect(chooseNext(queue, [{ labDirectory: "a" }, { labDirectory: "b" }])).toEqual(request("a", 1));
  expect(chooseNext([], [])).toBeNull();
});
