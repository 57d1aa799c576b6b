import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** An answer that was kept. */
export interface KeptAnswer {
  /** Where the answer came from in the end. */
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** When the service last said that it is so, in milliseconds since 1970. */
  readonly at: number;
  readonly body: Uint8Array;
}

const head = z.object({
  url: z.string(),
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  at: z.number(),
  sha256: z.string(),
});

/** When it is over its size, so much of it is left: not every new answer has to look for old ones. */
const LEFT_AFTER_CLEANING = 0.8;

/**
 * Answers of services in a folder, one file each: a line of JSON, then the body. It is a cache: what is damaged counts as
 * absent, several processes may share it, and a folder that cannot be written only means that nothing more is kept.
 */
export class AnswerCache {
  readonly #folder: string;
  readonly #maxBytes: number;
  /** Bytes in the folder as far as this process knows; null before the first look. */
  #bytes: number | null = null;
  #cleaning: Promise<void> = Promise.resolve();

  constructor(folder: string, { maxBytes = 512 * 1024 * 1024 }: { readonly maxBytes?: number } = {}) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Null when there is none, or none that is whole. */
  async read(key: string): Promise<KeptAnswer | null> {
    const path = this.#pathOf(key);
    const bytes = await readFile(path).catch(() => null); // absent or unreadable: the service is asked
    const kept = bytes && parse(bytes);
    if (bytes !== null && kept === null) await rm(path, { force: true }).catch(() => undefined); // the next one replaces it
    if (kept !== null) await utimes(path, new Date(), new Date()).catch(() => undefined); // read-only: it is only thought older
    return kept;
  }

  /** Resolves also where nothing could be kept. */
  async write(key: string, answer: KeptAnswer): Promise<void> {
    const { body, ...rest } = answer;
    const line = Buffer.from(`${JSON.stringify({ ...rest, sha256: sha256(body) })}\n`);
    const size = line.byteLength + body.byteLength;
    if (size > this.#maxBytes) return;
    const path = this.#pathOf(key);
    const draft = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
      await writeFile(draft, Buffer.concat([line, body]), { mode: 0o600 });
      await rename(draft, path);
    } catch {
      // A cache that cannot be written must not cost the answer.
      await rm(draft, { force: true }).catch(() => undefined);
      return;
    }
    this.#cleaning = this.#cleaning.then(() => this.#account(size));
    await this.#cleaning;
  }

  async #account(added: number): Promise<void> {
    this.#bytes = this.#bytes === null ? sum(await this.#files()) : this.#bytes + added;
    if (this.#bytes <= this.#maxBytes) return;
    // Others may have added and removed files, too.
    const files = (await this.#files()).sort((a, b) => a.used - b.used);
    let bytes = sum(files);
    for (const { path, size } of files) {
      if (bytes <= this.#maxBytes * LEFT_AFTER_CLEANING) break;
      await rm(path, { force: true }).catch(() => undefined);
      bytes -= size;
    }
    this.#bytes = bytes;
  }

  async #files(): Promise<{ readonly path: string; readonly size: number; readonly used: number }[]> {
    const names = await readdir(this.#folder, { recursive: true }).catch(() => []);
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const info = await stat(path).catch(() => null); // removed meanwhile
        return info?.isFile() ? [{ path, size: info.size, used: info.mtimeMs }] : [];
      }),
    );
    return files.flat();
  }

  #pathOf(key: string): string {
    const name = sha256(Buffer.from(key));
    return join(this.#folder, name.slice(0, 2), name.slice(2));
  }
}

function parse(bytes: Buffer): KeptAnswer | null {
  const end = bytes.indexOf(0x0a);
  try {
    const { sha256: expected, ...rest } = head.parse(JSON.parse(bytes.subarray(0, end).toString("utf8")));
    const body = bytes.subarray(end + 1);
    return sha256(body) === expected ? { ...rest, body } : null;
  } catch {
    return null;
  }
}

function sum(files: readonly { readonly size: number }[]): number {
  return files.reduce((total, { size }) => total + size, 0);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
