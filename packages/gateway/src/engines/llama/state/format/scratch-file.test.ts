import { mkdtemp, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ScratchFile, writeWhole } from "./scratch-file.ts";
import { readPieces } from "./vectored.ts";

const { signal } = new AbortController();

async function scratch(
  options: { readonly bytes?: number } = {},
): Promise<{ file: ScratchFile; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "scratch-"));
  const file = await ScratchFile.open({ bytes: 0, folders: [folder], ...options });
  onTestFinished(async () => {
    await file.close();
    await rm(folder, { recursive: true });
  });
  return { file, folder };
}

test("only its owner can read it, and nothing of it stays behind", async () => {
  const { file, folder } = await scratch();
  expect((await stat(file.path)).mode & 0o777).toBe(0o600);
  if (process.platform === "linux") expect(await readdir(folder)).toEqual([]);
  await file.close();
  await file.close();
  expect(await readdir(folder)).toEqual([]);
});

test("what is written is all that it holds, also after something longer, and in many pieces", async () => {
  const { file } = await scratch();
  const pieces = Array.from({ length: 2500 }, (_, index) => Buffer.from(`${index} `));
  await file.use(
    async (handle) => {
      await writeWhole(handle, pieces);
      expect(await readFile(file.path, "utf8")).toBe(pieces.join(""));
      const copies = pieces.map(({ length }) => Buffer.alloc(length));
      expect(await readPieces(handle, copies, 0)).toBe(true);
      expect(copies).toEqual(pieces);
      expect(await readPieces(handle, copies, 1)).toBe(false);
      await writeWhole(handle, [Buffer.from("short")]);
      expect(await readFile(file.path, "utf8")).toBe("short");
    },
    { signal },
  );
});

test("one uses it at a time, and who leaves the queue never does", async () => {
  const { file } = await scratch();
  const order: string[] = [];
  const controller = new AbortController();
  const use = (name: string, options: { signal: AbortSignal }): Promise<void> =>
    file.use(async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      if (name === "a") throw new Error("a fails");
    }, options);
  const [a, b, c] = [use("a", { signal }), use("b", controller), use("c", { signal })];
  controller.abort(new Error("left"));
  await expect(a).rejects.toThrow("a fails");
  await expect(b).rejects.toThrow("left");
  await c;
  expect(order).toEqual(["a begins", "a ends", "c begins", "c ends"]);
});

test("a large state does not stay", async () => {
  const { file } = await scratch();
  const piece = Buffer.alloc(1024 * 1024);
  await file.use((handle) => writeWhole(handle, Array<Buffer>(65).fill(piece)), { signal });
  expect((await stat(file.path)).size).toBe(64 * 1024 * 1024);
});

test("without room for it the next folder is used, and a disk that is full is said to be", async () => {
  const folder = await mkdtemp(join(tmpdir(), "scratch-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const other = await ScratchFile.open({ bytes: 0, folders: [join(folder, "missing"), folder] });
  await other.close();
  const huge = await ScratchFile.open({ bytes: 2 ** 60, folders: ["/dev/shm", folder] });
  await huge.close();
  await expect(ScratchFile.open({ bytes: 0, folders: [join(folder, "missing")] })).rejects.toMatchObject({
    code: "no_room",
  });
  if (process.platform !== "linux") return;
  await using full = await open("/dev/full", "r+");
  await expect(writeWhole(full, [Buffer.alloc(10)])).rejects.toMatchObject({ code: "no_room" });
});
