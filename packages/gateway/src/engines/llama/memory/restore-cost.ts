/** Until something was measured: a model of a billion parameters on two cores, and a slow memory disk. */
const USUAL_MS_PER_TOKEN = 2;
const USUAL_MS_PER_BYTE = 1 / ((500 * 1024 * 1024) / 1000);
/** Every restore costs this much, however little it restores. */
const FIXED_MS = 5;
/** Files have to be read before they are restored. */
const DISK_FACTOR = 3;
/** The weight of a new measurement against what was known. */
const WEIGHT = 0.2;

export interface RestoreOffer {
  /** Tokens that need not be read if the state is restored. */
  readonly tokens: number;
  readonly bytes: number;
  /** Of the bytes, those that are on disk only. */
  readonly diskBytes: number;
}

/** Decides by measured speeds whether state is worth restoring: with small models and slow disks reading is faster. */
export class RestoreCost {
  #msPerToken = USUAL_MS_PER_TOKEN;
  #msPerByte = USUAL_MS_PER_BYTE;

  /** A piece of a prompt was read. */
  sawReading(tokens: number, ms: number): void {
    if (tokens > 0) this.#msPerToken += WEIGHT * (ms / tokens - this.#msPerToken);
  }

  /** State was restored from memory. */
  sawRestoring(bytes: number, ms: number): void {
    if (bytes > 0) this.#msPerByte += WEIGHT * (Math.max(0, ms - FIXED_MS) / bytes - this.#msPerByte);
  }

  pays({ tokens, bytes, diskBytes }: RestoreOffer): boolean {
    const restoring = FIXED_MS + this.#msPerByte * (bytes + (DISK_FACTOR - 1) * diskBytes);
    return tokens * this.#msPerToken > restoring;
  }
}
