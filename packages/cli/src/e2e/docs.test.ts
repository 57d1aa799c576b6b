import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, testHome } from "./run-cli.ts";

test("a folder's documentation is added, searched, brought up to date and forgotten", async () => {
  await using home = await testHome();
  const place = { home: home.path };
  const folder = join(home.path, "handbook");
  await mkdir(folder);
  await writeFile(
    join(folder, "leave.md"),
    "# Leave\n\n## Sabbatical\n\nAfter five years you may take a sabbatical.\n",
  );
  expect((await runCli(["docs"], place)).stdout).toContain("Nothing is kept yet");
  expect((await runCli(["docs", "add", folder], place)).stdout).toBe(
    "handbook: 1 added, 0 changed, 0 removed, 0 as they were.\n",
  );
  const found = await runCli(["docs", "search", "taking a sabbatical"], place);
  expect(found.stdout).toContain(`${join(folder, "leave.md")}#sabbatical`);
  await writeFile(join(folder, "travel.md"), "# Travel\n\nTrains first.\n");
  expect((await runCli(["docs", "update"], place)).stdout).toContain("1 added");
  const listed = await runCli(["docs", "--json"], place);
  expect(JSON.parse(listed.stdout).sources).toMatchObject([{ id: "handbook", pages: 2 }]);
  await runCli(["docs", "remove", "handbook"], place);
  expect((await runCli(["docs"], place)).stdout).toContain("Nothing is kept yet");
}, 60_000);

test("what is wrong is said with what can be done", async () => {
  await using home = await testHome();
  const missing = await runCli(["docs", "add", "./nowhere"], { home: home.path });
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("Give the path of a folder") });
  const unknown = await runCli(["docs", "remove", "x"], { home: home.path });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("add it first") });
  const verb = await runCli(["docs", "burn"], { home: home.path });
  expect(verb).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("list, add, update, search, remove"),
  });
}, 60_000);
