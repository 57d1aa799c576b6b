import { expect, it } from "vitest";
import { versionWarning } from "./version-warning.ts";

it("warns of documentation of another version than what is installed, and of nothing else", () => {
  for (const [documented, installed] of [
    ["v1.12.0", "1.12.0"],
    ["1.12", "1.12.0"],
    ["v1.12.0", "1.12.0+cu121"],
    [null, "1.0"],
    ["v1.0", null],
    ["1a2b3c4", "not a version"],
  ] as const) {
    expect(versionWarning(documented, installed), `${documented} ${installed}`).toBeNull();
  }
  expect(versionWarning("v1.12.0", "0.9.2")).toContain("another major version");
  expect(versionWarning("v1.12.0", "1.11.0")).toContain("v1.12.0; 1.11.0 is installed, another version");
  expect(versionWarning("main", "1.11.0")).toContain("not released");
  expect(versionWarning("v1.11.0-14-g1a2b3c4", "1.11.0")).not.toBeNull();
  expect(versionWarning("1.11.0", "1.11.0.dev0")).not.toBeNull();
});
