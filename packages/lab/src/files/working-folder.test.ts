import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownerMark } from "../sandbox/process-identity.ts";
import { workingFolder } from "./working-folder.ts";

test("a folder goes with its disposal, and what a killed process left goes with the next one", async () => {
  const parent = await mkdtemp(join(tmpdir(), "working-folder-"));
  const [namespace] = (await ownerMark()).split("-");
  const left = join(parent, `ml-intern-${namespace}-4194304-12345-abc`);
  await mkdir(left);
  await writeFile(join(left, "data"), "x");
  await mkdir(join(parent, "ml-intern-notes"));
  {
    await using mine = await workingFolder({ parent });
    await using other = await workingFolder({ parent });
    expect((await readdir(parent)).sort()).toEqual(
      ["ml-intern-notes", ...[mine, other].map(({ path }) => path.slice(parent.length + 1))].sort(),
    );
  }
  expect(await readdir(parent)).toEqual(["ml-intern-notes"]);
});
