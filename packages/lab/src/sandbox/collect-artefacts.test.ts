import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { collectArtefacts } from "./collect-artefacts.ts";

it("copies and hashes regular files, and nothing that leads elsewhere", async () => {
  await using folder = await temporaryFolder();
  const from = `${folder.path}/out`;
  await mkdir(`${from}/model`, { recursive: true });
  await mkdir(`${folder.path}/secrets`);
  await writeFile(`${folder.path}/secrets/key`, "secret");
  await writeFile(`${from}/model/weights`, "weights");
  await symlink(`${folder.path}/secrets/key`, `${from}/model.bin`);
  await symlink(`${folder.path}/secrets`, `${from}/folder`);
  await link(`${folder.path}/secrets/key`, `${from}/second-name`);
  execFileSync("mkfifo", [`${from}/pipe`]);

  const result = await collectArtefacts({ from, into: `${folder.path}/kept` });
  const sha256 = createHash("sha256").update("weights").digest("hex");
  expect(result.artefacts).toEqual([{ path: "model/weights", bytes: 7, sha256 }]);
  expect(result.skipped).toEqual([
    { path: "folder", reason: "a symbolic link" },
    { path: "model.bin", reason: "a symbolic link" },
    { path: "pipe", reason: "not a regular file" },
    { path: "second-name", reason: "a file with more than one name" },
  ]);
  expect(await readdir(`${folder.path}/kept`)).toEqual(["model"]);
  expect(await readFile(`${folder.path}/kept/model/weights`, "utf8")).toBe("weights");
});

it("does not follow a link that stands for the folder itself", async () => {
  await using folder = await temporaryFolder();
  await mkdir(`${folder.path}/secrets`);
  await writeFile(`${folder.path}/secrets/key`, "secret");
  await mkdir(`${folder.path}/runs`);
  await symlink(`${folder.path}/secrets`, `${folder.path}/runs/run_1`);
  const options = { root: `${folder.path}/runs`, from: "run_1", into: `${folder.path}/kept` };
  expect((await collectArtefacts(options)).artefacts).toEqual([]);
});

it("keeps to its limits and counts a missing folder as empty", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["a", "b", "c", "d"]) {
    await mkdir(`${folder.path}/out`, { recursive: true });
    await writeFile(`${folder.path}/out/${name}`, "x".repeat(10));
  }
  await writeFile(`${folder.path}/out/large`, "x".repeat(100));
  const limits = { files: 3, fileBytes: 50, totalBytes: 25 };
  const into = `${folder.path}/kept`;
  const result = await collectArtefacts({ from: `${folder.path}/out`, into, limits });
  expect(result.artefacts.map(({ path }) => path)).toEqual(["a", "b"]);
  expect(result.skipped.map(({ path }) => path)).toEqual(["c", "d", "large"]);
  expect((await collectArtefacts({ from: `${folder.path}/none`, into })).artefacts).toEqual([]);
});
