import { readdir, readFile } from "node:fs/promises";

/** Clock ticks a second, as the kernel shows them to programs on every processor that we run on. */
const ticksPerSecond = 100;

/** Seconds of processor time that a process and everything below it have used, with children that have ended. */
export async function treeCpu(root: number): Promise<number> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const children = new Map<number, number[]>();
  const ticks = new Map<number, number>();
  await Promise.all(
    names.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => null);
      if (stat === null) return; // it has ended
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const parent = Number(fields[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
      ticks.set(
        Number(name),
        fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
      );
    }),
  );
  const sum = (pid: number): number =>
    (children.get(pid) ?? []).reduce((total, child) => total + sum(child), ticks.get(pid) ?? 0);
  return sum(root) / ticksPerSecond;
}
