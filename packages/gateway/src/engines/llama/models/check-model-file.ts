import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { modelUnusable } from "./model-error.ts";
import { GgufError, type GgufHead, readGguf } from "./read-gguf.ts";

export interface ModelPart {
  readonly path: string;
  readonly headBytes: number;
}

export interface ModelFile {
  readonly path: string;
  readonly head: GgufHead;
  /** The files that it consists of, the first one included. */
  readonly parts: readonly ModelPart[];
  /** Of all its parts together. */
  readonly bytes: number;
}

/**
 * Reads the head of a model's file and makes sure that the file is whole, since llama.cpp may end the process over one
 * that is not. Throws a `GatewayError` with cause and mend.
 */
export async function checkModelFile(model: string, path: string): Promise<ModelFile> {
  const first = await checkPart(model, path);
  const split = SPLIT_NAME.exec(basename(path));
  if (split?.groups) return checkSplit(model, { first, split: split.groups });
  if (numberOf(first.head, "split.count") > 1) {
    throw modelUnusable(
      model,
      `${path} is one part of a model in several files, but its name does not say which`,
      "Give the parts their names back: <name>-00001-of-00003.gguf and so on.",
    );
  }
  checkKind(model, first);
  return first;
}

const SPLIT_NAME = /^(?<stem>.*)-(?<number>\d{5})-of-(?<count>\d{5})\.gguf$/;

async function checkSplit(
  model: string,
  { first, split }: { readonly first: ModelFile; readonly split: { [key in string]?: string } },
): Promise<ModelFile> {
  const { stem = "", number = "", count = "" } = split;
  if (Number(number) !== 1) {
    const beginning = `${stem}-00001-of-${count}.gguf`;
    throw modelUnusable(
      model,
      `${first.path} is part ${Number(number)} of a model in ${Number(count)} files`,
      `Configure its first part, ${beginning}.`,
    );
  }
  checkKind(model, first);
  let { bytes, parts } = first;
  for (let part = 2; part <= Number(count); part++) {
    const name = `${stem}-${String(part).padStart(5, "0")}-of-${count}.gguf`;
    const next = await checkPart(model, join(dirname(first.path), name));
    bytes += next.bytes;
    parts = [...parts, ...next.parts];
  }
  return { ...first, bytes, parts };
}

async function checkPart(model: string, path: string): Promise<ModelFile> {
  const found = await stat(path).catch((error: unknown) => {
    throw modelUnusable(
      model,
      isMissing(error) ? `the file ${path} does not exist` : `the file ${path} cannot be opened`,
      "Put the GGUF file there, or correct the path in the configuration.",
      error,
    );
  });
  if (!found.isFile())
    throw modelUnusable(model, `${path} is not a file`, "Configure the path of a GGUF file.");
  const head = await readGguf(path).catch((error: unknown) => {
    const cause = error instanceof GgufError ? `${path} is not a whole GGUF file: ${error.message}` : null;
    throw modelUnusable(
      model,
      cause ?? `the file ${path} cannot be read`,
      "Fetch the file again, or convert the model to GGUF.",
      error,
    );
  });
  if (found.size < head.neededBytes) {
    throw modelUnusable(
      model,
      `${path} is cut off: it has ${found.size} of ${head.neededBytes} bytes`,
      "Fetch the file again.",
    );
  }
  return { path, head, parts: [{ path, headBytes: head.headBytes }], bytes: found.size };
}

/** What a file must hold to be a language model. */
function checkKind(model: string, { head, path }: ModelFile): void {
  const architecture = head.metadata.get("general.architecture");
  if (typeof architecture !== "string" || head.tensorCount === 0 || architecture === "clip") {
    const cause =
      architecture === "clip" ? "holds only the part of a model that sees pictures" : "holds no model";
    throw modelUnusable(model, `${path} ${cause}`, "Configure the file of the language model itself.");
  }
  const tokens = head.metadata.get("tokenizer.ggml.tokens");
  if (!Array.isArray(tokens) || tokens.length === 0) {
    throw modelUnusable(model, `${path} holds no vocabulary`, "Configure the file of a language model.");
  }
  if (new Set(tokens).size < tokens.length) {
    throw modelUnusable(
      model,
      `the vocabulary of ${path} holds a token twice`,
      "Convert the model again with a newer version of llama.cpp's converter.",
    );
  }
}

function numberOf({ metadata }: GgufHead, key: string): number {
  const value = metadata.get(key);
  return typeof value === "number" ? value : 0;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
