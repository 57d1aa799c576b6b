import { expect, test } from "vitest";
import { EXIT, exitCodeOfCause } from "./exit-code.ts";

test.each([
  ["session/finished", EXIT.badInput],
  ["session/not_found", EXIT.badInput],
  ["share/refused", EXIT.badInput],
  ["home/unusable", EXIT.environment],
  ["disk/full", EXIT.environment],
  ["internal", EXIT.failed],
])("%s ends with the exit code that the README gives it", (code, exit) => {
  expect(exitCodeOfCause(code)).toBe(exit);
});
