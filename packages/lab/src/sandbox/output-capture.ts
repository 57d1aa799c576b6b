import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";

const headBytes = 16 * 1024;
const tailBytes = 48 * 1024;

export interface OutputCaptureOptions {
  readonly logPath: string | undefined;
  /** How much of the output the log file keeps. */
  readonly maxBytes: number;
  readonly onOutput: ((text: string) => void) | undefined;
}

export interface CapturedOutput {
  readonly output: string;
  readonly truncated: boolean;
}

/**
 * Takes in output without bound in bounded memory: the beginning and the end are kept, a log file gets what its limit
 * allows, a listener gets the same as the log file.
 */
export class OutputCapture {
  readonly #decoder = new StringDecoder("utf8");
  readonly #onOutput: ((text: string) => void) | undefined;
  readonly #maxBytes: number;
  readonly #log: WriteStream | null;
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  #total = 0;
  #logged = 0;

  constructor({ logPath, maxBytes, onOutput }: OutputCaptureOptions) {
    this.#onOutput = onOutput;
    this.#maxBytes = maxBytes;
    this.#log = logPath === undefined ? null : createWriteStream(logPath, { flags: "w", mode: 0o600 });
    // The error itself is reported by finish; until then it must not end the process.
    this.#log?.on("error", () => {});
  }

  write(chunk: Buffer): void {
    this.#total += chunk.length;
    const forHead = chunk.subarray(0, Math.max(0, headBytes - this.#head.length));
    if (forHead.length > 0) this.#head = Buffer.concat([this.#head, forHead]);
    const rest = chunk.subarray(forHead.length);
    if (rest.length > 0) this.#tail = lastBytes(Buffer.concat([this.#tail, rest]), tailBytes);
    this.#pass(chunk.subarray(0, Math.max(0, this.#maxBytes - this.#logged)));
  }

  /** Closes the log file; rejects when it could not be written. */
  async finish(): Promise<CapturedOutput> {
    const end = this.#decoder.end();
    if (end !== "") this.#onOutput?.(end);
    const dropped = this.#total - this.#logged;
    if (this.#log !== null) {
      if (dropped > 0) this.#log.write(`\n[${dropped} more bytes of output were dropped]\n`);
      await finished(this.#log.end());
    }
    const omitted = this.#total - this.#head.length - this.#tail.length;
    const middle = Buffer.from(omitted > 0 ? `\n[… ${omitted} bytes left out …]\n` : "");
    return {
      output: Buffer.concat([this.#head, middle, this.#tail]).toString("utf8"),
      truncated: omitted > 0 || dropped > 0,
    };
  }

  #pass(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#logged += chunk.length;
    this.#log?.write(chunk);
    const text = this.#decoder.write(chunk);
    if (text !== "") this.#onOutput?.(text);
  }
}

function lastBytes(buffer: Buffer, count: number): Buffer {
  return buffer.length <= count ? buffer : Buffer.from(buffer.subarray(buffer.length - count));
}
