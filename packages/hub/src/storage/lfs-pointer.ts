export interface LfsPointer {
  readonly sha256: string;
  readonly size: number;
}

/** The small text that stands in a git tree for a large file. */
export function encodePointer({ sha256, size }: LfsPointer): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
}

const pattern =
  /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n$/;

/** No pointer is longer than this. */
export const longestPointer = 200;

export function decodePointer(content: Buffer): LfsPointer | null {
  if (content.length > longestPointer) return null;
  const match = pattern.exec(content.toString("latin1"));
  return match?.[1] ? { sha256: match[1], size: Number(match[2]) } : null;
}
