import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createObjectCache, createObjectStore, type ObjectStore } from "./object-store.ts";
import { editTree, type TreeEdit } from "./tree-edit.ts";
import { listFiles } from "./tree-walk.ts";

let folder: string;
let objects: ObjectStore;
let blob: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hub-tree-"));
  await mkdir(join(folder, "objects"));
  objects = createObjectStore({
    folder: join(folder, "objects"),
    temporary: folder,
    cache: createObjectCache(),
  });
  blob = await objects.putBlob(Buffer.from("x"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (path: string): TreeEdit => ({ kind: "put", path, oid: blob });
const removeFile = (path: string): TreeEdit => ({ kind: "remove_file", path });
const removeFolder = (path: string): TreeEdit => ({ kind: "remove_folder", path });
async function pathsAfter(...edits: TreeEdit[]): Promise<string[]> {
  return [...(await listFiles(objects, await editTree(objects, { tree: null, edits }))).keys()];
}

it("adds files with the folders they need", async () => {
  expect(await pathsAfter(put("b"), put("a/c/d"), put("a/b"))).toEqual(["a/b", "a/c/d", "b"]);
});

it("drops a folder with its last file", async () => {
  expect(await pathsAfter(put("a/b/c"), put("d"), removeFile("a/b/c"))).toEqual(["d"]);
  expect(await pathsAfter(put("a"), removeFile("a"))).toEqual([]);
});

it("removes a whole folder, and can fill it again in the same commit", async () => {
  expect(await pathsAfter(put("a/1"), put("a/2/3"), put("b"), removeFolder("a"), put("a/4"))).toEqual([
    "a/4",
    "b",
  ]);
});

it("lets a file take the place of an emptied folder", async () => {
  expect(await pathsAfter(put("a/b"), removeFile("a/b"), put("a"))).toEqual(["a"]);
});

it("keeps what is not touched", async () => {
  const before = await editTree(objects, { tree: null, edits: [put("a/1"), put("b/2")] });
  const after = await editTree(objects, { tree: before, edits: [put("a/3")] });
  expect([...(await listFiles(objects, after)).keys()]).toEqual(["a/1", "a/3", "b/2"]);
  expect(await editTree(objects, { tree: after, edits: [removeFile("a/3")] })).toBe(before);
});

it.each([
  ["a file inside a file", [put("a"), put("a/b")], "invalid"],
  ["a file where a folder is", [put("a/b"), put("a")], "invalid"],
  ["removing a file that is not there", [put("a"), removeFile("b")], "entry_not_found"],
  ["removing a folder as a file", [put("a/b"), removeFile("a")], "entry_not_found"],
  ["removing a file as a folder", [put("a"), removeFolder("a")], "entry_not_found"],
])("refuses %s", async (_name, edits, code) => {
  // The placeholder blob ids were made before this test's store existed.
  const fresh = edits.map((edit) => (edit.kind === "put" ? put(edit.path) : edit));
  await expect(pathsAfter(...fresh)).rejects.toMatchObject({ code });
});
