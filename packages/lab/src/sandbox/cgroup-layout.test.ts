import { mkdir, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { findCgroupLayout } from "./cgroup-layout.ts";

/** A folder that looks like the second version's file system on a desktop: the session's own group below a delegated one. */
async function desktop(root: string, handedDown: string): Promise<{ membership: string; mounts: string }> {
  for (const group of ["", "/user.slice", "/user.slice/app.slice", "/user.slice/app.slice/terminal.scope"]) {
    await mkdir(root + group, { recursive: true });
    await writeFile(`${root}${group}/cgroup.procs`, "");
    await writeFile(`${root}${group}/cgroup.subtree_control`, group.endsWith("app.slice") ? handedDown : "");
  }
  return {
    membership: "0::/user.slice/app.slice/terminal.scope\n",
    mounts: `30 24 0:26 / ${root} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n`,
  };
}

it("makes groups of the second version beside its own, where a delegated group hands memory and pids down", async () => {
  await using folder = await temporaryFolder();
  const layout = await findCgroupLayout(await desktop(folder.path, "memory pids\n"));
  const parent = `${folder.path}/user.slice/app.slice`;
  expect(layout).toEqual({ version: "v2", controllers: { memory: parent, pids: parent } });
});

it("finds nothing where no controller is handed down", async () => {
  await using folder = await temporaryFolder();
  expect(await findCgroupLayout(await desktop(folder.path, "hugetlb\n"))).toBeNull();
});

it("makes groups of the first version below its own, for each controller by itself", async () => {
  await using folder = await temporaryFolder();
  await mkdir(`${folder.path}/memory/mine`, { recursive: true });
  await mkdir(`${folder.path}/cpu,cpuacct`, { recursive: true });
  const layout = await findCgroupLayout({
    membership: "4:memory:/mine\n3:cpu,cpuacct:/\n",
    mounts: [
      `40 39 0:31 / ${folder.path}/memory rw - cgroup cgroup rw,memory`,
      `41 39 0:32 / ${folder.path}/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct`,
    ].join("\n"),
  });
  expect(layout?.version).toBe("v1");
  expect(layout?.controllers.memory).toBe(`${folder.path}/memory/mine`);
  expect(layout?.controllers.cpu).toMatch(/cpu,cpuacct\/?$/);
  expect(layout?.controllers.pids).toBeUndefined();
});
