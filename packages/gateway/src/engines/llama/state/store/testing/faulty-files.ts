import { nodeFileSystem, type StateFileSystem } from "../disk/file-system.ts";

export type Fault = "enospc" | "eio" | "short" | "flip" | "vanish" | "emfile";

/** A real file system in which the next calls go wrong as a test wants it. */
export interface FaultyFiles {
  readonly files: StateFileSystem;
  /** Asked before every read and write; what it names goes wrong. */
  fault: (call: {
    readonly kind: "read" | "write" | "remove" | "head";
    readonly path: string;
  }) => Fault | null;
  /** Writes that reached the disk. */
  writes: number;
}

export function createFaultyFiles(): FaultyFiles {
  const control: FaultyFiles = {
    fault: () => null,
    writes: 0,
    files: {
      ...nodeFileSystem,
      head: (path, length) => {
        const fault = control.fault({ kind: "head", path });
        if (fault) raise(fault);
        return nodeFileSystem.head(path, length);
      },
      read: async (path, parts) => {
        const fault = control.fault({ kind: "read", path });
        if (fault === "vanish") await nodeFileSystem.remove(path);
        else if (fault && fault !== "short" && fault !== "flip") raise(fault);
        const length = await nodeFileSystem.read(path, parts);
        const last = parts.at(-1);
        if (fault === "flip" && last) last[last.length >> 1] = (last[last.length >> 1] ?? 0) ^ 4;
        if (fault !== "short" || !last) return length;
        last.fill(0, last.length - 5);
        return length - 5;
      },
      write: async (path, parts) => {
        const fault = control.fault({ kind: "write", path });
        if (fault) {
          const [head = new Uint8Array(0)] = parts;
          await nodeFileSystem.write(path, [head]);
          raise(fault);
        }
        control.writes++;
        await nodeFileSystem.write(path, parts);
      },
      remove: async (path) => {
        const fault = control.fault({ kind: "remove", path });
        if (fault) raise(fault);
        await nodeFileSystem.remove(path);
      },
    },
  };
  return control;
}

function raise(fault: Fault): never {
  const code = fault.toUpperCase();
  throw Object.assign(new Error(`${code}: a fault that the test wanted`), { code });
}
