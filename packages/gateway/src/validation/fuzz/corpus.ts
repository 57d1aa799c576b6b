import { readdirSync, readFileSync } from "node:fs";
import type { FuzzCase } from "./fuzz-case.ts";

/** A case that once failed, as it is kept. */
interface CorpusFile {
  /** What was wrong with the answer. */
  readonly fault: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text, where it is text. */
  readonly text?: string;
  readonly base64?: string;
}

export interface CorpusCase {
  readonly name: string;
  readonly fault: string;
  readonly fuzzCase: FuzzCase;
}

export function corpusText({ body, headers }: FuzzCase, fault: string): string {
  const text = new TextDecoder().decode(body);
  const isText = Buffer.from(text).equals(body);
  const file: CorpusFile = {
    fault,
    headers,
    ...(isText ? { text } : { base64: Buffer.from(body).toString("base64") }),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Every case in a folder. */
export function readCorpus(folder: URL): readonly CorpusCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => {
      const file = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as CorpusFile;
      const { fault, headers, text = "", base64 } = file;
      const body = base64 === undefined ? Buffer.from(text) : Buffer.from(base64, "base64");
      return { name, fault, fuzzCase: { headers, body: new Uint8Array(body) } };
    });
}
