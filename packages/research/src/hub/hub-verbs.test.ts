import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import * as research from "../index.ts";
import { HUB_READS, HUB_WRITES } from "./hub-verbs.ts";

it("every verb says whether it changes something", async () => {
  const files = await readdir(new URL("repositories", import.meta.url));
  const names = files
    .filter((file) => !file.endsWith(".test.ts") && file.includes("-hub-"))
    .map((file) =>
      file.slice(0, -".ts".length).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    );
  const told: readonly string[] = [...HUB_READS, ...HUB_WRITES];
  expect(told).toEqual(expect.arrayContaining(names));
  for (const verb of told) expect(research).toHaveProperty(verb, expect.any(Function));
});
