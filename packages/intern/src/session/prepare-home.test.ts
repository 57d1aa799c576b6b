import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareHome } from "./prepare-home.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "home-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the home", () => {
  it("is made with every level that is missing, and may be there already", async () => {
    const home = join(folder, "my files", "ml intern");
    await prepareHome(home);
    await prepareHome(home);
    expect((await stat(home)).isDirectory()).toBe(true);
  });

  it("may be a link to a folder", async () => {
    await mkdir(join(folder, "real"));
    await symlink(join(folder, "real"), join(folder, "link"));
    await expect(prepareHome(join(folder, "link"))).resolves.toBeUndefined();
  });

  it("is refused where no folder can be", async () => {
    await writeFile(join(folder, "file"), "");
    for (const home of ["/proc/nothing/here", join(folder, "file"), join(folder, "file", "below")]) {
      await expect(prepareHome(home), home).rejects.toMatchObject({
        code: "home/unusable",
        message: expect.stringContaining(home),
        mend: expect.stringContaining("ML_INTERN_HOME"),
      });
    }
  });
});
