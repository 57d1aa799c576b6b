import { stat } from "node:fs/promises";
import type { ChatFormat } from "../formats/chat-format.ts";
import { chooseFormat } from "../formats/choose-format.ts";
import { checkModelFile, type ModelFile } from "./check-model-file.ts";
import { modelUnusable } from "./model-error.ts";
import { type ModelFacts, modelFacts } from "./model-facts.ts";

export interface KnownFile {
  readonly file: ModelFile;
  readonly facts: ModelFacts;
  readonly format: ChatFormat;
  /** When the file was written last, RFC 3339. */
  readonly writtenAt: string;
}

/**
 * Checks model files and remembers what they say for as long as they stay the same, since a head is large and is
 * asked for with every request.
 */
export class KnownFiles {
  readonly #known = new Map<string, { readonly stamp: string; readonly read: Promise<KnownFile> }>();

  /** Throws what {@link checkModelFile} throws. `model` is the name for messages. */
  async read(model: string, path: string): Promise<KnownFile> {
    // A file that is not there has no stamp; its check says so.
    const found = await stat(path).catch(() => null);
    const stamp = found ? `${found.size} ${found.mtimeMs}` : "";
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.read;
    const writtenAt = (found?.mtime ?? new Date(0)).toISOString();
    const read = checkModelFile(model, path).then((file): KnownFile => {
      const facts = modelFacts(file.head, path);
      return { file, facts, format: formatOf(model, facts), writtenAt };
    });
    this.#known.set(path, { stamp, read });
    read.catch(() => this.#known.delete(path));
    return read;
  }
}

function formatOf(model: string, { chat }: ModelFacts): ChatFormat {
  try {
    return chooseFormat(chat);
  } catch (error) {
    throw modelUnusable(
      model,
      `its chat template cannot be read: ${error instanceof Error ? error.message : error}`,
      "Use a file of the model from another source, or convert it again.",
      error,
    );
  }
}
