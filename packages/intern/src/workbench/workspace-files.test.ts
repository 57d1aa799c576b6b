import { link, mkdir, mkdtemp, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readWorkspaceFile, writeWorkspaceFile } from "./workspace-files.ts";

let workspace: string;
let outside: string;
const owned: string[] = [];
const own = async (path: string): Promise<void> => void owned.push(path);

beforeEach(async () => {
  const place = await mkdtemp(join(tmpdir(), "workspace-"));
  workspace = join(place, "workspace");
  outside = join(place, "secret.txt");
  await mkdir(workspace);
  await writeFile(outside, "secret");
});

const write = (path: string, content: string): Promise<void> =>
  writeWorkspaceFile({ workspace, path, content, own });

test("files are written with their folders and read back, by relative path and as the sandbox sees them", async () => {
  await write("src/deep/train.py", "x = 1\n");
  expect(await readWorkspaceFile({ workspace, path: "src/deep/train.py" })).toBe("x = 1\n");
  expect(await readWorkspaceFile({ workspace, path: "/work/src/deep/train.py" })).toBe("x = 1\n");
  await write("/work/src/deep/train.py", "x = 2\n");
  expect(await readFile(join(workspace, "src/deep/train.py"), "utf8")).toBe("x = 2\n");
});

test("everything that the host makes is given to the sandbox's user", async () => {
  owned.length = 0;
  await write("a/b.txt", "");
  expect(owned).toHaveLength(2);
});

test.each(["../secret.txt", "/etc/passwd", "a/../../secret.txt", ".", "/work"])(
  "%s is refused as outside",
  async (path) => {
    await expect(readWorkspaceFile({ workspace, path })).rejects.toMatchObject({ code: "file/outside" });
    await expect(write(path, "x")).rejects.toMatchObject({ code: "file/outside" });
  },
);

test("a symbolic link to a file outside is neither read nor written through", async () => {
  await symlink(outside, join(workspace, "model.bin"));
  await expect(readWorkspaceFile({ workspace, path: "model.bin" })).rejects.toMatchObject({
    code: "file/outside",
  });
  await write("model.bin", "mine");
  expect(await readFile(outside, "utf8")).toBe("secret");
  expect(await readFile(join(workspace, "model.bin"), "utf8")).toBe("mine");
});

test("a linked folder leads nowhere", async () => {
  await symlink(join(workspace, ".."), join(workspace, "out"));
  await expect(readWorkspaceFile({ workspace, path: "out/secret.txt" })).rejects.toMatchObject({
    code: "file/outside",
  });
  await expect(write("out/secret.txt", "x")).rejects.toMatchObject({ code: "file/outside" });
  expect(await readFile(outside, "utf8")).toBe("secret");
});

test("writing over a hard link leaves the other name alone", async () => {
  await link(outside, join(workspace, "hard.txt"));
  await write("hard.txt", "mine");
  expect(await readFile(outside, "utf8")).toBe("secret");
});

test("a missing file, a folder and a huge file are named as what they are", async () => {
  await expect(readWorkspaceFile({ workspace, path: "no.txt" })).rejects.toMatchObject({
    code: "file/missing",
  });
  await mkdir(join(workspace, "folder"));
  await expect(readWorkspaceFile({ workspace, path: "folder" })).rejects.toMatchObject({
    code: "file/not_a_file",
  });
  await write("long.txt", "0123456789");
  await expect(readWorkspaceFile({ workspace, path: "long.txt" }, 5)).rejects.toMatchObject({
    code: "file/too_large",
  });
});
