import { availableParallelism, totalmem } from "node:os";

/** What one command in the sandbox may use. Bytes and milliseconds; every field has a default. */
export interface Limits {
  /** Memory of the whole process tree. */
  readonly memoryBytes: number;
  /** Processes and threads of the whole tree. */
  readonly processes: number;
  /** Processor time, in whole or part processors. Also sets OMP_NUM_THREADS and its relatives. */
  readonly cpus: number;
  /** Wall time of one command. */
  readonly wallMs: number;
  /** The largest single file. */
  readonly fileBytes: number;
  /** All files of the workspace together. */
  readonly diskBytes: number;
  /** The sandbox's private /tmp and /dev/shm, each. */
  readonly temporaryBytes: number;
  /** Output kept in the log file; what comes after is counted and dropped. */
  readonly outputBytes: number;
}

const gibibyte = 1024 ** 3;

export const defaultLimits: Limits = {
  memoryBytes: Math.floor(totalmem() * 0.75),
  processes: 512,
  cpus: availableParallelism(),
  wallMs: 10 * 60_000,
  fileBytes: 4 * gibibyte,
  diskBytes: 16 * gibibyte,
  temporaryBytes: gibibyte,
  outputBytes: 64 * 1024 ** 2,
};

/** Later parts win; a part may leave out any field. */
export function mergeLimits(...parts: (Partial<Limits> | undefined)[]): Limits {
  return Object.assign({}, defaultLimits, ...parts);
}
