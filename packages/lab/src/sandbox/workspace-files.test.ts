import { link, lstat, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { readWorkspaceFile, type WorkspaceFile, writeWorkspaceFile } from "./workspace-files.ts";

function workspaceOf(hostWorkspace: string): WorkspaceFile["sandbox"] {
  return { hostWorkspace, workspace: "/workspace", owner: { uid: 60_900, gid: 60_900 } };
}

it("writes and reads by relative paths and by the sandbox's own", async () => {
  await using folder = await temporaryFolder();
  const sandbox = workspaceOf(folder.path);
  await writeWorkspaceFile({ sandbox, path: "data/deep/train.csv", content: "a much longer first version" });
  await writeWorkspaceFile({ sandbox, path: "/workspace/data/deep/train.csv", content: "a,b\n" });
  const bytes = await readWorkspaceFile({ sandbox, path: "./data/deep/train.csv" });
  expect(Buffer.from(bytes!).toString()).toBe("a,b\n");
  expect(await readWorkspaceFile({ sandbox, path: "data/none.csv" })).toBeNull();
  const owner = process.getuid?.() === 0 ? 60_900 : process.getuid?.();
  expect((await stat(`${folder.path}/data/deep`)).uid).toBe(owner);
  expect((await stat(`${folder.path}/data/deep/train.csv`)).uid).toBe(owner);
});

it("follows no link out, in any part of the path, and changes nothing there", async () => {
  await using folder = await temporaryFolder();
  await mkdir(`${folder.path}/outside`);
  await mkdir(`${folder.path}/workspace`);
  await writeFile(`${folder.path}/outside/secret`, "secret");
  await symlink(`${folder.path}/outside`, `${folder.path}/workspace/data`);
  await symlink(`${folder.path}/outside/secret`, `${folder.path}/workspace/train.csv`);
  await link(`${folder.path}/outside/secret`, `${folder.path}/workspace/second-name`);
  const sandbox = workspaceOf(`${folder.path}/workspace`);
  for (const path of ["data/secret", "data/new", "../outside/secret", "/etc/passwd"]) {
    await expect(readWorkspaceFile({ sandbox, path }), path).rejects.toThrow(RangeError);
    await expect(writeWorkspaceFile({ sandbox, path, content: "x" }), path).rejects.toThrow(RangeError);
  }
  await expect(readWorkspaceFile({ sandbox, path: "train.csv" })).rejects.toThrow(RangeError);
  // A link or a second name that stands where a file is to be written is replaced, and what it named stays as it is.
  for (const path of ["train.csv", "second-name"]) {
    await writeWorkspaceFile({ sandbox, path, content: "new" });
    expect((await lstat(`${folder.path}/workspace/${path}`)).isFile()).toBe(true);
    expect(Buffer.from((await readWorkspaceFile({ sandbox, path }))!).toString()).toBe("new");
  }
  await expect(readWorkspaceFile({ sandbox, path: "." })).rejects.toThrow(RangeError);
  expect(await readFile(`${folder.path}/outside/secret`, "utf8")).toBe("secret");
});

it("refuses to read more than was asked for", async () => {
  await using folder = await temporaryFolder();
  await writeFile(`${folder.path}/large`, "x".repeat(100));
  const reading = readWorkspaceFile({ sandbox: workspaceOf(folder.path), path: "large", maxBytes: 10 });
  await expect(reading).rejects.toThrow(RangeError);
});
