import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { folderBytes } from "./folder-bytes.ts";

export interface WatchUsageOptions {
  readonly workspace: string;
  readonly diskBytes: number;
  /** Null when a control group limits memory. */
  readonly memoryBytes: number | null;
  /** The process whose tree is measured, itself included. */
  readonly root: number;
  readonly onExceeded: (reason: "disk" | "memory") => void;
}

const intervalMs = 500;

/**
 * Looks at what a running command uses, for limits that the kernel does not keep for a whole tree. It sees an excess
 * late by up to an interval; rests longer when looking takes long, so that it costs at most a twentieth of a processor.
 */
export function watchUsage(options: WatchUsageOptions): { stop(): void } {
  const controller = new AbortController();
  const { signal } = controller;
  const look = async (): Promise<"disk" | "memory" | null> => {
    if (options.memoryBytes !== null && (await treeMemory(options.root)) > options.memoryBytes)
      return "memory";
    return (await folderBytes(options.workspace)) > options.diskBytes ? "disk" : null;
  };
  const run = async (): Promise<void> => {
    let rest = intervalMs;
    while (!signal.aborted) {
      await delay(rest, undefined, { signal, ref: false });
      const begin = performance.now();
      const exceeded = await look();
      if (exceeded !== null && !signal.aborted) return options.onExceeded(exceeded);
      rest = Math.max(intervalMs, 20 * (performance.now() - begin));
    }
  };
  // Only the delay rejects, when stopped: looking itself treats what it cannot read as gone.
  run().catch(() => {});
  return { stop: () => controller.abort() };
}

/** Memory of a process and of everything below it that no file backs. */
export async function treeMemory(root: number): Promise<number> {
  const names = await readdir("/proc");
  const children = new Map<number, number[]>();
  const memory = new Map<number, number>();
  await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => {
        const status = await readFile(`/proc/${name}/status`, "utf8").catch(() => "");
        const field = (key: string): number =>
          Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
        const parent = field("PPid");
        children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
        memory.set(Number(name), (field("RssAnon") + field("RssShmem")) * 1024);
      }),
  );
  const sum = (pid: number): number =>
    (children.get(pid) ?? []).reduce((total, child) => total + sum(child), memory.get(pid) ?? 0);
  return sum(root);
}
