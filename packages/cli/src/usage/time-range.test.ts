import { expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { timeRange } from "./time-range.ts";

const now = Date.parse("2026-11-22T10:00:00.000Z");

it.each([
  [null, null, null, null],
  ["2026-11", "2026-11", "2026-11-01T00:00:00.000Z", "2026-12-01T00:00:00.000Z"],
  ["2026-12", "2026-12-31", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ["2028-02-29", "2028-02-29", "2028-02-29T00:00:00.000Z", "2028-03-01T00:00:00.000Z"],
  ["7d", null, "2026-11-15T10:00:00.000Z", null],
  ["36h", "12h", "2026-11-20T22:00:00.000Z", "2026-11-21T22:00:00.000Z"],
  [
    "2026-11-22T10:00Z",
    "2026-11-22T12:00:00.5+01:00",
    "2026-11-22T10:00:00.000Z",
    "2026-11-22T11:00:00.500Z",
  ],
])("from %s to %s", (since, until, from, to) => {
  expect(timeRange({ since, until, now })).toEqual({ since: from, until: to });
});

it.each([
  ...["", "yesterday", "2026", "2026-13", "2026-00", "2026-02-30", "2026-11-22 10:00", "2026-11-22T10:00"],
  ...[
    "2026-11-22T25:00Z",
    "2026-02-30T10:00Z",
    "7",
    "-7d",
    "7w",
    "99999999d",
    "1e3d",
    "0000-00-00",
    "22.11.2026",
  ],
])("%j is no time, and the error says what is", (since) => {
  const read = (): unknown => timeRange({ since, until: null, now });
  expect(read).toThrow(UsageError);
  expect(read).toThrow(`--since is not a time: "${since}".`);
});

it("refuses a range that holds nothing", () => {
  expect(() => timeRange({ since: "2026-11-02", until: "2026-11-01", now })).toThrow(/no time between/);
  expect(() => timeRange({ since: "1h", until: "2h", now })).toThrow(/no time between/);
});
