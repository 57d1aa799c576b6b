import { readFile, readlink } from "node:fs/promises";

/** Whether the process that made something still runs; "foreign" when that cannot be known from here. */
export type OwnerMark = "alive" | "dead" | "foreign";

async function startTime(pid: number): Promise<string | null> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // The name in brackets may hold spaces and brackets; the 20th field after it is the start time.
  return status?.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

async function processNamespace(): Promise<string> {
  const link = await readlink("/proc/self/ns/pid").catch(() => "");
  return /\d+/.exec(link)?.[0] ?? "0";
}

/** Names this process so that a later one can tell whether it still runs, even when its number is in use again. */
export async function ownerMark(): Promise<string> {
  return `${await processNamespace()}-${process.pid}-${await startTime(process.pid)}`;
}

/** Reads a mark; what follows its third part is ignored. */
export async function readOwner(mark: string): Promise<OwnerMark> {
  const [namespace, pid, started] = mark.split("-");
  if (namespace !== (await processNamespace())) return "foreign";
  return (await startTime(Number(pid))) === started ? "alive" : "dead";
}
