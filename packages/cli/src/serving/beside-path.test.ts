import { expect, test } from "vitest";
import { besidePath } from "./beside-path.ts";

test.each([
  ["http://h/api", "below"],
  ["http://h/api/sessions?x=1", "below"],
  ["http://h/api?x=1", "below"],
  ["http://h/apis", "rest"],
  ["http://h/v1/api", "rest"],
  ["http://h/", "rest"],
])("%s is for the one %s", async (url, expected) => {
  const seen: Request[] = [];
  const named = (name: string) => ({
    fetch: (request: Request) => {
      seen.push(request);
      return new Response(name);
    },
  });
  const request = new Request(url);
  const response = await besidePath("/api", named("below"), named("rest")).fetch(request);
  expect(await response.text()).toBe(expected);
  expect(seen).toEqual([request]);
  expect(seen[0]).toBe(request);
});
