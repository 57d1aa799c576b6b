import { expect, test } from "vitest";
import { fitContext } from "./fit-context.ts";

const GIGABYTE = 1024 ** 3;
const model = { trainedContext: 131_072, bytesPerToken: 131_072, memory: 100 * GIGABYTE };

test("four conversations of 32,768 tokens when there is room", () => {
  expect(fitContext({ ...model, settings: {} })).toEqual({
    contextSize: 32_768,
    sequences: 4,
    bytes: 16 * GIGABYTE,
  });
});

test("never more tokens than the model was trained for", () => {
  expect(fitContext({ ...model, settings: {}, trainedContext: 2048 }).contextSize).toBe(2048);
});

test("short of memory, there are fewer conversations, and then shorter ones", () => {
  expect(fitContext({ ...model, settings: {}, memory: 9 * GIGABYTE })).toMatchObject({
    sequences: 2,
    contextSize: 32_768,
  });
  expect(fitContext({ ...model, settings: {}, memory: GIGABYTE })).toMatchObject({
    sequences: 1,
    contextSize: 8192,
  });
  expect(fitContext({ ...model, settings: {}, memory: 0 })).toMatchObject({
    sequences: 1,
    contextSize: 4096,
  });
});

test("what the settings say is kept, whatever the memory", () => {
  const settings = { contextSize: 65_536, sequences: 8 };
  expect(fitContext({ ...model, settings, memory: 0 })).toMatchObject(settings);
});
