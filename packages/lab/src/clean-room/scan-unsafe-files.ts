import { constants, type FileHandle, readdir } from "node:fs/promises";
import { entryOf, openBeneath } from "../sandbox/open-beneath.ts";

export interface UnsafeFile {
  readonly path: string;
  readonly reason: string;
}

const unsafeNames =
  /\.(pkl|pickle|p|joblib|dill|cloudpickle|pt|pth|ckpt|h5|hdf5|keras|pyc|pyo|so|mar|nemo)$|(^|\/)pytorch_model[^/]*\.bin$/i;
const headBytes = 4096;
const tailBytes = 64 * 1024;

/**
 * Finds the files of a folder that can run code when they are loaded: pickles by name and by content, also inside zip
 * files (PyTorch, NumPy) and .npy files with object arrays; byte code and native libraries. Follows no link; a link is
 * itself an offence. It does not judge source code: that runs in the sandbox, and only there.
 */
export async function scanUnsafeFiles(directory: string): Promise<readonly UnsafeFile[]> {
  const found: UnsafeFile[] = [];
  const visit = async (path: string): Promise<void> => {
    const file = await openBeneath({ root: directory, path, flags: constants.O_RDONLY }).catch(() => null);
    if (file === null) {
      found.push({ path, reason: "a link, or not a file that can be read" });
      return;
    }
    try {
      const status = await file.stat();
      if (status.isDirectory()) {
        for (const name of (await readdir(entryOf(file, "."))).sort())
          await visit(path === "" ? name : `${path}/${name}`);
        return;
      }
      const reason = unsafeNames.test(path)
        ? "a file format that can run code when it is loaded"
        : await unsafeContent(file, status.size);
      if (reason !== null) found.push({ path, reason });
    } finally {
      await file.close();
    }
  };
  await visit("");
  return found;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function unsafeContent(file: FileHandle, size: number): Promise<string | null> {
  const head = await read(file, 0, headBytes);
  const inside = decompressedKind(head);
  if (inside !== null) return `${inside}-compressed content, which cannot be looked into`;
  if (isPickle(head)) return "a pickle";
  const headText = head.toString("latin1");
  if (headText.startsWith("\x93NUMPY") && /'descr':[^}]*\|?O/.test(headText))
    return "a NumPy file with pickled objects";
  if (headText.startsWith("\x89HDF")) return "an HDF5 file, which can carry pickled layers";
  if (headText.startsWith("\x7fELF")) return "a native program";
  if (headText.startsWith("PK")) {
    // The list of a zip file's members stands at its end.
    const list = (await read(file, Math.max(0, size - tailBytes), tailBytes)).toString("latin1");
    if (/\.pkl|\.pickle|\.joblib|data\.pkl/i.test(list)) return "a zip file with a pickle in it";
  }
  return null;
}

/**
 * Protocols 2 to 5 begin with a mark of their own; 0 and 1 only with what they build first, here a dictionary, list, tuple
 * or global. A hand-made one of those can hide from this: it is a net for what libraries write, and the walls are the sandbox.
 */
function isPickle(head: Buffer): boolean {
  if (head[0] === 0x80 && head[1] !== undefined && head[1] >= 2 && head[1] <= 5) return true;
  const text = head.toString("latin1");
  return /^([}\])]q\0|\(dp?\d|\(lp?\d|\(?[ci][\w.]+\n[\w.]+\n(p\d+\n|q[\0-\x20]|\())/.test(text);
}

/** joblib compresses its pickles; no safe weight format is compressed as a whole. */
function decompressedKind(head: Buffer): string | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(head[1] ?? 0)) return "zlib";
  if (head.subarray(0, 3).toString("latin1") === "BZh") return "bzip2";
  if (head.subarray(0, 6).toString("latin1") === "\xfd7zXZ\0") return "xz";
  if (head.length >= 4 && head.readUInt32LE(0) === 0x184d2204) return "lz4";
  return null;
}
