import { createHash } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { LabError } from "../lab-error.ts";

export interface ImageFile {
  /** Path relative to the folder. */
  readonly file: string;
  readonly label: string;
  readonly sha256: string;
}

export interface ImageFolder {
  readonly images: readonly ImageFile[];
  /** Files with an image's name but not its content, or with a part of it only. */
  readonly damaged: readonly string[];
  /** The folder was divided into train, test … before it was divided into classes. */
  readonly presplit: boolean;
}

const extensions = new Set([".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"]);
const endOfJpeg = Buffer.from([0xff, 0xd9]);
const splitNames = new Set(["train", "training", "test", "testing", "val", "valid", "validation"]);

/** Lists the images of a folder with one sub-folder per class, sorted, each with its digest. Links are not followed. */
export async function listImages(folder: string, { signal }: { signal: AbortSignal }): Promise<ImageFolder> {
  const top = await folders(folder);
  const presplit = top.length > 0 && top.every((name) => splitNames.has(name.toLowerCase()));
  const classes = presplit
    ? (
        await Promise.all(
          top.map(async (part) =>
            (await folders(join(folder, part))).map((name) => ({ name, path: join(folder, part, name) })),
          ),
        )
      ).flat()
    : top.map((name) => ({ name, path: join(folder, name) }));
  const images: ImageFile[] = [];
  const damaged: string[] = [];
  for (const { name, path } of classes) {
    for (const file of await filesBelow(path)) {
      signal.throwIfAborted();
      const examined = await examineImage(file);
      if (examined === null) damaged.push(relative(folder, file));
      else
        images.push({ file: relative(folder, file), label: name.normalize("NFC").trim(), sha256: examined });
    }
  }
  if (images.length === 0) throw noImages(folder, top.length);
  return { images: images.sort((a, b) => (a.file < b.file ? -1 : 1)), damaged, presplit };
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter(
      (entry) =>
        entry.isFile() && !entry.name.startsWith(".") && extensions.has(extname(entry.name).toLowerCase()),
    )
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The digest of an image file, or null when it does not begin like an image, or is cut off. */
async function examineImage(path: string): Promise<string | null> {
  const file = await open(path, "r");
  try {
    const bytes = await file.readFile();
    return isImage(bytes) ? createHash("sha256").update(bytes).digest("hex") : null;
  } finally {
    await file.close();
  }
}

/** By the first bytes; a PNG or JPEG that was cut off lacks its end, and no program would show it. */
function isImage(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 12).toString("latin1");
  return (
    (start.startsWith("\x89PNG\r\n\x1a\n") && bytes.includes("IHDR", 8) && bytes.includes("IEND", 12)) ||
    (start.startsWith("\xff\xd8\xff") && bytes.includes(endOfJpeg)) ||
    start.startsWith("GIF8") ||
    (start.startsWith("BM") && bytes.length > 26) ||
    (start.startsWith("RIFF") && start.slice(8) === "WEBP")
  );
}

function noImages(folder: string, classes: number): LabError {
  const found = classes === 0 ? "has no sub-folders" : `has ${classes} sub-folders, but no images in them`;
  return new LabError("data/no_images", `${folder} ${found}.`, {
    mend: "Put the images (png, jpg, bmp, gif or webp) into one sub-folder per class, named after the class; or give a table file instead of a folder.",
  });
}
