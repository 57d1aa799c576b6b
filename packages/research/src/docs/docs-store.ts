import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDiskFull, takeFileLock, writeDurably } from "@ml-intern/durable";
import { z } from "zod";
import { DocumentationError } from "./documentation-error.ts";
import { type KeptSource, keptSource } from "./sources/source.ts";

const manifest = z.object({ version: z.literal(1), sources: z.array(keptSource) });

/**
 * What is kept of documentation, in a folder: `sources.json` says which pages there are, `pages/` holds their Markdown by
 * SHA-256, `search.index` is made of them and can be made again. One process changes it at a time; any number may read.
 */
export class DocsStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Another text means that something was changed. */
  async state(): Promise<string> {
    const infos = await Promise.all(
      ["sources.json", "search.index"].map((name) => stat(join(this.#folder, name)).catch(() => null)),
    );
    return infos
      .map((info) => (info === null ? "absent" : `${info.ino}:${info.size}:${info.mtimeMs}`))
      .join(" ");
  }

  /** Empty where nothing is kept yet. */
  async sources(): Promise<KeptSource[]> {
    const path = join(this.#folder, "sources.json");
    const text = await readFile(path, "utf8").catch((error) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    });
    if (text === null) return [];
    try {
      return manifest.parse(JSON.parse(text)).sources;
    } catch (cause) {
      throw new DocumentationError("docs/damaged", `${path} is damaged.`, {
        mend: `Delete ${this.#folder}, and add the documentation again.`,
        cause,
      });
    }
  }

  async writeSources(sources: readonly KeptSource[]): Promise<void> {
    const text = `${JSON.stringify({ version: 1, sources }, null, 1)}\n`;
    await this.#write(() => writeDurably(join(this.#folder, "sources.json"), text));
  }

  /** Null where it is not there, or damaged. */
  async page(hash: string): Promise<string | null> {
    const bytes = await readFile(this.#pathOf(hash)).catch(() => null); // absent
    return bytes !== null && hashOf(bytes) === hash ? bytes.toString("utf8") : null;
  }

  /** Resolves with its hash. */
  async keepPage(markdown: string): Promise<string> {
    const hash = hashOf(Buffer.from(markdown));
    if ((await this.page(hash)) !== null) return hash;
    const path = this.#pathOf(hash);
    // A page that a crash damages is found out by its name, and read at its origin again: no need to wait for the disk.
    await this.#write(async () => {
      const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
      await mkdir(join(path, ".."), { recursive: true });
      await writeFile(draft, markdown);
      await rename(draft, path);
    });
    return hash;
  }

  /** Null where there is none. */
  async index(): Promise<Uint8Array | null> {
    return await readFile(join(this.#folder, "search.index")).catch(() => null); // it can be made again
  }

  async writeIndex(bytes: Uint8Array): Promise<void> {
    await this.#write(() => writeDurably(join(this.#folder, "search.index"), bytes));
  }

  /** Removes the pages that no source names any more. */
  async sweep(sources: readonly KeptSource[]): Promise<void> {
    const named = new Set(sources.flatMap(({ pages }) => Object.values(pages).map(({ hash }) => hash)));
    const names = await readdir(join(this.#folder, "pages"), { recursive: true }).catch(() => []);
    for (const name of names) {
      const hash = name.replaceAll(/[\\/]/g, "");
      if (hash.length > 2 && !named.has(hash)) await rm(join(this.#folder, "pages", name), { force: true });
    }
  }

  /** The right to change what is kept. Throws `docs/busy` when somebody has it, `docs/read_only` when nobody can. */
  async lock(): Promise<Disposable> {
    const lock = await this.#write(async () => {
      await mkdir(this.#folder, { recursive: true });
      return await takeFileLock(join(this.#folder, "lock"));
    });
    if ("release" in lock) return { [Symbol.dispose]: lock.release };
    throw new DocumentationError(
      "docs/busy",
      `Process ${lock.heldBy} is changing the documentation that is kept, since ${lock.since}.`,
      {
        mend: "Try again when it is done; what is kept can be searched meanwhile.",
      },
    );
  }

  async #write<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (cause) {
      if (isDiskFull(cause)) throw cause;
      const { message } = cause as Error; // of the file system
      throw new DocumentationError("docs/read_only", `${this.#folder} cannot be written: ${message}.`, {
        mend: "Give the folder to the user that runs this, or name another folder. What is kept can be searched.",
        cause,
      });
    }
  }

  #pathOf(hash: string): string {
    return join(this.#folder, "pages", hash.slice(0, 2), hash.slice(2));
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
