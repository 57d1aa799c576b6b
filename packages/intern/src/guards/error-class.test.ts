import { expect, test } from "vitest";
import { errorClassOf } from "./error-class.ts";

function nameOf(content: string, isError = true): string | null {
  return errorClassOf({ name: "bash", input: {}, content, isError, role: "act" })?.name ?? null;
}
const coded = (code: string, message: string): string =>
  JSON.stringify({ error: { code, message, mend: "" } });
const record = (log_tail: string, ended = "exited", exit_code: number | null = 1): string =>
  JSON.stringify({ runs: [{ id: "run_1", ended, exit_code, log_tail, log_path: "/x" }] });

test("a missing file is the same through every tool and path", () => {
  const names = [
    nameOf("cat: ./data/a.csv: No such file or directory"),
    nameOf("head: cannot open 'data/a.csv' for reading: No such file or directory"),
    nameOf(
      coded("python/failed", "Traceback\nFileNotFoundError: [Errno 2] No such file or directory: '/w/A.csv'"),
    ),
    nameOf(coded("read/not_found", "There is no file a.csv in the workspace.")),
    nameOf(record("Traceback\nFileNotFoundError: [Errno 2] No such file or directory: 'a.csv'\n"), false),
  ];
  expect(new Set(names)).toEqual(new Set(["missing file: a.csv"]));
});

test("numbers and case make no other error, another subject does", () => {
  expect(nameOf("ValueError: 3 rows at line 12")).toBe(nameOf("ValueError: 4 rows at line 99"));
  expect(nameOf("KeyError: 'Target'")).toBe(nameOf("KeyError: ' target'"));
  expect(nameOf("KeyError: 'age'")).not.toBe(nameOf("KeyError: 'sex'"));
});

test("errors of one kind are about different things", () => {
  const kinds = ["df", "rows"].map(
    (name) =>
      errorClassOf({
        name: "python",
        input: {},
        content: `NameError: name '${name}' is not defined`,
        isError: true,
        role: "act",
      })?.kind,
  );
  expect(kinds[0]).toBe(kinds[1]);
});

test("the last exception counts, not a warning before it", () => {
  expect(nameOf("warning: Permission denied\nKeyError: 'a'\nDuring handling:\nRuntimeError: no fit")).toBe(
    "runtimeerror: no fit",
  );
});

test("what failed in a run's record is an error although the call succeeded", () => {
  expect(nameOf(record("", "memory", null), false)).toBe("out of memory");
  expect(nameOf(record("all well", "exited", 0), false)).toBeNull();
  const [well, ill] = [record("all well", "exited", 0), record("KeyError: 'b'")].map(
    (text) => JSON.parse(text).runs[0],
  );
  expect(nameOf(JSON.stringify({ runs: [well, ill] }), false)).toBe("keyerror: b");
  expect(nameOf("ValueError: as a file says it", false)).toBeNull();
});

test("what may pass by itself is known", () => {
  for (const content of ["curl: (7) Connection refused", "The hub answered 503.", "ReadTimeout: x"])
    expect(errorClassOf({ name: "bash", input: {}, content, isError: true, role: "act" })?.transient).toBe(
      true,
    );
});
